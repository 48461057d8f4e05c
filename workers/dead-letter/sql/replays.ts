import type { DeadLetterFilter } from "../../../contracts/http/dead-letter-shapes.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import { matching } from "./filter-letters.ts";

export type ReplayRow = {
  id: string;
  actor: string;
  filter: DeadLetterFilter;
  reason: string | null;
  rate_per_second: number;
  status: "running" | "finished" | "cancelled";
  total: number;
  remaining: number;
  replayed: number;
  refused: number;
  skipped: number;
  position: string | null;
  last_error: string | null;
  created_at: Date;
  finished_at: Date | null;
};

const columns = (sql: Queryable) => sql`
  id, actor, filter, reason, rate_per_second, status, total, remaining, replayed, refused, skipped, position,
  last_error, created_at, finished_at`;

export type NewReplay = {
  id: string;
  actor: string;
  filter: DeadLetterFilter;
  reason: string | undefined;
  ratePerSecond: number;
  limit: number;
};

/** Starts a replay of what is open and matches now, at most `limit` letters. */
export const insertReplay = async (tx: Queryable, replay: NewReplay): Promise<ReplayRow> => {
  const [row] = await tx<ReplayRow[]>`
    with matched as (
      select count(*)::int as letters from (
        select 1 from dead_letters where status = 'open' and ${matching(tx, replay.filter)} limit ${replay.limit}
      ) as letter
    )
    insert into dead_letter_replays (id, actor, filter, reason, rate_per_second, total, remaining)
    select ${replay.id}::uuid, ${replay.actor}, ${JSON.stringify(replay.filter)}::text::json, ${replay.reason ?? null},
      ${replay.ratePerSecond}::integer, letters, letters
    from matched
    returning ${columns(tx)}`;
  return row!;
};

export const readReplay = async (sql: Queryable, id: string): Promise<ReplayRow | undefined> => {
  const [row] = await sql<
    ReplayRow[]
  >`select ${columns(sql)} from dead_letter_replays where id = ${id}::uuid`;
  return row;
};

/** Newest first, after a replay; along the primary key, whose ids ascend with time. */
export const listReplays = (
  sql: Queryable,
  {
    status,
    after,
    limit,
  }: { status: ReplayRow["status"] | undefined; after: string | undefined; limit: number },
): Promise<ReplayRow[]> => sql<ReplayRow[]>`
  select ${columns(sql)} from dead_letter_replays
  where ${status === undefined ? sql`true` : sql`status = ${status}`}
    ${after === undefined ? sql`` : sql`and id < ${after}::uuid`}
  order by id desc
  limit ${limit}`;

/** Ends a replay that runs, and waits for the letter that is in hand. */
export const cancelReplay = async (tx: Queryable, id: string): Promise<void> => {
  await tx`
    update dead_letter_replays set status = 'cancelled', finished_at = now()
    where id = ${id}::uuid and status = 'running'`;
};

/** A running replay whose turn it is, locked: another replica passes over it. */
export const claimReplay = async (tx: Queryable): Promise<ReplayRow | undefined> => {
  const [row] = await tx<ReplayRow[]>`
    select ${columns(tx)} from dead_letter_replays
    where status = 'running' and next_at <= now()
    order by next_at
    limit 1
    for update skip locked`;
  return row;
};

/** Milliseconds until some replay is due; undefined when none runs. */
export const untilNextReplay = async (sql: Queryable): Promise<number | undefined> => {
  const [row] = await sql<{ ms: number | null }[]>`
    select (extract(epoch from min(next_at) - now()) * 1000)::float8 as ms
    from dead_letter_replays where status = 'running'`;
  return row?.ms ?? undefined;
};

/** The oldest letter that the replay has still to deal with: one that was there when it began, and is open. */
export const nextLetter = async (tx: Queryable, replay: ReplayRow): Promise<string | undefined> => {
  if (replay.remaining === 0) return undefined;
  const [row] = await tx<{ id: string }[]>`
    select id from dead_letters
    where status = 'open' and ${matching(tx, replay.filter)}
      and stored_at <= (select created_at from dead_letter_replays where id = ${replay.id}::uuid)
      ${replay.position === null ? tx`` : tx`and id > ${replay.position}::uuid`}
    order by id
    limit 1`;
  return row?.id;
};

/** Takes a letter off what remains and sets when the next one is due. A replay that was held up does not hurry after. */
export const advanceReplay = async (
  tx: Queryable,
  replay: ReplayRow,
  { position, result }: { position: string; result: "replayed" | "refused" | "skipped" },
): Promise<void> => {
  await tx`
    update dead_letter_replays set
      position = ${position}::uuid, remaining = remaining - 1, last_error = null,
      ${tx(result)} = ${tx(result)} + 1,
      next_at = greatest(next_at, now() - interval '1 second') + interval '1 second' / rate_per_second
    where id = ${replay.id}::uuid`;
};

/** What was settled by others before its turn came was skipped. */
export const finishReplay = async (tx: Queryable, id: string): Promise<void> => {
  await tx`
    update dead_letter_replays set
      status = 'finished', finished_at = now(), skipped = skipped + remaining, remaining = 0, last_error = null
    where id = ${id}::uuid`;
};

export const postponeReplay = async (sql: Queryable, id: string, error: string): Promise<void> => {
  await sql`
    update dead_letter_replays set next_at = now() + interval '2 seconds', last_error = ${error}
    where id = ${id}::uuid and status = 'running'`;
};
