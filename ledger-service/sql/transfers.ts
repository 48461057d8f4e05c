import type { Queryable } from "../../platform/database/connect.ts";
import type { Position } from "../domain/position.ts";

export type TransferRow = { json: string; source_owner: string | null; destination_owner: string | null };

export const readTransfer = async (sql: Queryable, id: string): Promise<TransferRow | undefined> => {
  const [row] = await sql<TransferRow[]>`
    select ledger_transfer_json(t) as json, s.owner_id as source_owner, d.owner_id as destination_owner
    from ledger_transfers as t
    join ledger_accounts as s on s.id = t.source_account_id
    join ledger_accounts as d on d.id = t.destination_account_id
    where t.id = ${id}::uuid`;
  return row;
};

export type PostedRow = { json: string; recorded_at: string; part: number; version: string };

/** What was posted on an account, newest first, along the entries of each of its parts. */
export const listPosted = (
  sql: Queryable,
  { accountId, after, limit }: { accountId: string; after: Position | undefined; limit: number },
): Promise<PostedRow[]> => sql<PostedRow[]>`
  select ledger_transfer_json(t) as json, ledger_time(e.recorded_at) as recorded_at, e.sub as part, e.version
  from ledger_accounts as a
  cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
  cross join lateral (
    select f.recorded_at, f.sub, f.version, f.transfer_id
    from ledger_entries as f
    where f.account_id = a.id and f.sub = part
      ${
        after === undefined
          ? sql``
          : sql`
      and f.version <= ledger_version_at(a.id, part::smallint, ${after.recordedAt}::text::timestamptz)
      and (f.recorded_at, f.sub, f.version) < (${after.recordedAt}::text::timestamptz, ${after.part}::smallint, ${after.version}::bigint)`
      }
    order by f.version desc
    limit ${limit}
  ) as e
  join ledger_transfers as t on t.id = e.transfer_id
  where a.id = ${accountId}::uuid
  order by e.recorded_at desc, e.sub desc, e.version desc
  limit ${limit}`;

/** What an account was asked for and has not given, newest first, along ledger_transfers_unposted. */
export const listUnposted = (
  sql: Queryable,
  {
    accountId,
    status,
    after,
    limit,
  }: { accountId: string; status: string; after: string | undefined; limit: number },
): Promise<{ id: string; json: string }[]> => sql<{ id: string; json: string }[]>`
  select t.id, ledger_transfer_json(t) as json
  from ledger_transfers as t
  where t.source_account_id = ${accountId}::uuid and t.status in ('pending', 'failed') and t.status = ${status}
    ${after === undefined ? sql`` : sql`and t.id < ${after}::uuid`}
  order by t.id desc
  limit ${limit}`;
