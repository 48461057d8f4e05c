import type { Queryable } from "../../../platform/database/connect.ts";

export type OutboxRow = {
  id: string;
  subject: string;
  message_id: string;
  payload: string;
  headers: Record<string, string>;
};

// Any fixed number; it only has to be the same in every relay.
const RELAY_LOCK = 7_140_232;

/** One relay publishes at a time, so that order is kept; the others stand by. The lock goes with the transaction. */
export const becomePublisher = async (tx: Queryable): Promise<boolean> => {
  const [row] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${RELAY_LOCK}) as mine`;
  return row?.mine === true;
};

/** The oldest rows, but for subjects that cannot be published just now. They stay locked until the transaction ends. */
export const claimRows = (tx: Queryable, blocked: readonly string[], limit: number): Promise<OutboxRow[]> =>
  tx<OutboxRow[]>`
    select id, subject, message_id, payload::text as payload, headers
    from outbox
    where subject <> all (${blocked as string[]}::text[])
    order by id
    limit ${limit}
    for update skip locked`;

export const deleteRows = async (tx: Queryable, ids: readonly string[]): Promise<void> => {
  await tx`delete from outbox where id = any (${ids as string[]}::bigint[])`;
};

/** How many rows wait, and for how many seconds the oldest. */
export const outboxBacklog = async (sql: Queryable): Promise<{ rows: number; oldestSeconds: number }> => {
  const [row] = await sql<{ rows: number; oldest: number }[]>`
    select count(*)::int as rows, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest
    from outbox`;
  return { rows: row?.rows ?? 0, oldestSeconds: row?.oldest ?? 0 };
};
