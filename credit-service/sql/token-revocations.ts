import type { TransactionSql } from "postgres";
import { LONGEST_TOKEN_SECONDS } from "../../contracts/token-revocations.ts";
import type { Queryable } from "../../platform/database/connect.ts";

export type Ended = {
  id: string;
  userId: string;
  reason: string;
  revokedBy: string;
};

export type RevocationRow = {
  id: string;
  user_id: string;
  token_id: string | null;
  reason: string;
  revoked_by: string;
  created_at: Date;
};

/** Ends one token. A token that has been ended keeps its first row. */
export const revokeToken = async (
  sql: Queryable,
  { id, userId, tokenId, expiresAt, reason, revokedBy }: Ended & { tokenId: string; expiresAt: Date },
): Promise<void> => {
  await sql`
    insert into token_revocations (id, user_id, token_id, reason, revoked_by, expires_at)
    values (${id}::uuid, ${userId}::uuid, ${tokenId}, ${reason}, ${revokedBy}::uuid, ${expiresAt})
    on conflict (token_id) do nothing`;
};

/**
 * Ends every token that a person has; undefined when there is no such person. Of those that a person ended themselves
 * the newest is kept alone: it ends all that the others did, for longer, and nobody fills the table. Along
 * token_revocations_of_user.
 * @param tx a transaction: the second statement has to see what others wrote while the first waited for the person
 */
export const revokeTokensOf = async (
  tx: TransactionSql,
  { id, userId, reason, revokedBy }: Ended,
): Promise<RevocationRow | undefined> => {
  const [raised] = await tx<{ token_generation: number }[]>`
    update users set token_generation = token_generation + 1, updated_at = now()
    where id = ${userId}::uuid
    returning token_generation`;
  if (!raised) return undefined;
  const [row] = await tx<RevocationRow[]>`
    with replaced as (
      delete from token_revocations
      where user_id = ${userId}::uuid and revoked_by = user_id and generation is not null
        and ${revokedBy}::uuid = user_id
    )
    insert into token_revocations (id, user_id, generation, reason, revoked_by, expires_at)
    values (${id}::uuid, ${userId}::uuid, ${raised.token_generation}::int, ${reason}, ${revokedBy}::uuid,
      now() + make_interval(secs => ${LONGEST_TOKEN_SECONDS}))
    returning id, user_id, token_id, reason, revoked_by, created_at`;
  return row;
};

/** Newest first, after an id; along token_revocations_of_user, or the primary key. */
export const listRevocations = (
  sql: Queryable,
  { userId, before, most }: { userId: string | undefined; before: string | undefined; most: number },
): Promise<RevocationRow[]> => sql<RevocationRow[]>`
  select id, user_id, token_id, reason, revoked_by, created_at
  from token_revocations
  where true
    ${userId === undefined ? sql`` : sql`and user_id = ${userId}::uuid`}
    ${before === undefined ? sql`` : sql`and id < ${before}::uuid`}
  order by id desc
  limit ${most}`;

export type WrittenRow = {
  token_id: string | null;
  user_id: string | null;
  generation: number | null;
  expires_at: Date | null;
  /** Where a page ends that ends here. */
  place: string | null;
  next: string;
};

export type FeedPage = {
  position: string;
  /** Where the page before ended; undefined for the first. */
  after: { writtenIn: string; id: string } | undefined;
  most: number;
};

/**
 * What is in force and was written at or after a position, and the position to go on from: the oldest transaction that
 * was under way, for whatever commits later is one of those. A row may come twice, and none is passed over. A position
 * from the future is one of another server, which this one was restored from: everything is new to it. Of several pages
 * the first one's position holds. Along token_revocations_written.
 */
export const revocationsSince = (
  sql: Queryable,
  { position, after, most }: FeedPage,
): Promise<WrittenRow[]> => sql<WrittenRow[]>`
  select r.token_id, r.user_id, r.generation, r.expires_at, r.written_in::text || '.' || r.id as place,
    pg_snapshot_xmin(now_at)::text as next
  from pg_current_snapshot() as now_at
  left join lateral (
    select id, token_id, user_id, generation, expires_at, written_in
    from token_revocations
    where expires_at > now() and written_in >= case
      when ${position}::xid8 > pg_snapshot_xmax(now_at) then '0'::xid8 else ${position}::xid8 end
      ${
        after
          ? sql`
            and written_in >= ${after.writtenIn}::xid8
            and (written_in, id) > (${after.writtenIn}::xid8, ${after.id}::uuid)`
          : sql``
      }
    order by written_in, id
    limit ${most}
  ) r on true
  order by r.written_in, r.id`;

/** Forgets a batch of those that have done their work so many days ago; along token_revocations_oldest. */
export const dropOldRevocations = async (
  sql: Queryable,
  olderThanDays: number,
  batch: number,
): Promise<void> => {
  await sql`
    delete from token_revocations
    where id in (
      select id from token_revocations
      where expires_at < now() - make_interval(days => ${olderThanDays}::int)
      order by expires_at
      limit ${batch}
      for update skip locked
    )`;
};
