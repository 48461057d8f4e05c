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

/** Null stands for a transfer that has another status. */
export type PostedRow = { json: string | null; recorded_at: string; part: number; version: string };

/** What was posted on an account, newest first, along the entries of each of its parts. */
export const listPosted = (
  sql: Queryable,
  {
    accountId,
    status,
    after,
    limit,
  }: { accountId: string; status: string | undefined; after: Position | undefined; limit: number },
): Promise<PostedRow[]> => sql<PostedRow[]>`
  select case when t.status = coalesce(${status ?? null}::text, t.status) then ledger_transfer_json(t) end as json,
    ledger_time(e.recorded_at) as recorded_at, e.sub as part, e.version
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

/**
 * What a reference stands for in each of the scopes, newest first, along ledger_transfers_reference. Its second column is
 * the type: where none is given those that a scope has, a handful, are stepped through, one look each.
 */
export const listByReference = (
  sql: Queryable,
  {
    scopes,
    type,
    reference,
    owner,
    after,
    limit,
  }: {
    scopes: readonly string[];
    type: string | undefined;
    reference: string;
    /** A user, who sees transfers from and to accounts of theirs. */
    owner: string | undefined;
    after: string | undefined;
    limit: number;
  },
): Promise<{ id: string; json: string }[]> => sql<{ id: string; json: string }[]>`
  with recursive ${type === undefined ? typesOf(sql, scopes) : oneType(sql, scopes, type)}
  select t.id, ledger_transfer_json(t) as json
  from (select * from kinds limit ${MOST_KINDS}) as k
  join ledger_transfers as t
    on t.scope = k.scope and t.type = k.type and t.reference_id = ${reference} and t.status <> 'failed'
  where true
    ${
      owner === undefined
        ? sql``
        : sql`
    and exists (
      select from ledger_accounts as a
      where a.id in (t.source_account_id, t.destination_account_id) and a.owner_id = ${owner}::uuid
    )`
    }
    ${after === undefined ? sql`` : sql`and t.id < ${after}::uuid`}
  order by t.id desc
  limit ${limit}`;

// Of scopes and types together; somebody who has made up more of them has to say which.
const MOST_KINDS = 1_000;

const oneType = (sql: Queryable, scopes: readonly string[], type: string) => sql`
  kinds (scope, type) as (select s.scope, ${type}::text from unnest(${scopes as string[]}::text[]) as s (scope))`;

const typesOf = (sql: Queryable, scopes: readonly string[]) => sql`
  kinds (scope, type) as (
    select s.scope, ''::text collate "C" from unnest(${scopes as string[]}::text[]) as s (scope)
    union all
    select k.scope, n.type
    from kinds as k
    cross join lateral (
      select t.type from ledger_transfers as t
      where t.scope = k.scope and t.type > k.type and t.reference_id is not null and t.status <> 'failed'
      order by t.type
      limit 1
    ) as n
  )`;

/**
 * What an account was asked for and has not given, newest first, along ledger_transfers_unposted; or, where it waits and
 * few do, along ledger_transfers_due. The status stands in the statement: a plan for any could use neither.
 */
export const listUnposted = (
  sql: Queryable,
  {
    accountId,
    status,
    after,
    limit,
  }: { accountId: string; status: "pending" | "failed"; after: string | undefined; limit: number },
): Promise<{ id: string; json: string }[]> => sql<{ id: string; json: string }[]>`
  select t.id, ledger_transfer_json(t) as json
  from ledger_transfers as t
  where t.source_account_id = ${accountId}::uuid
    and ${status === "pending" ? sql`t.status = 'pending'` : sql`t.status = 'failed'`}
    ${after === undefined ? sql`` : sql`and t.id < ${after}::uuid`}
  order by t.id desc
  limit ${limit}`;
