import type { Queryable } from "../../platform/database/connect.ts";
import type { EffectivePosition } from "../domain/effective-position.ts";
import type { StatementLine, StatementSpan } from "./entries.ts";

export type EffectiveStatement = {
  opening: string;
  closing: string;
  /** Sees every entry that counts here, and no other. */
  snapshot: string;
  lines: StatementLine[];
};

/**
 * What counts from one moment to another by its effective time, in that order, with the running balance; the opening
 * and the closing by the same entries. Behind a position, only entries that its snapshot sees count: an account's row
 * is locked until its entries are committed, so these are its first ones by version. Its balances are gone on with, so
 * that a page reads its own lines and no others: those that count from when they were recorded along their versions,
 * those with a time of their own along the indexes of these.
 */
export const readEffectiveStatement = async (
  sql: Queryable,
  { accountId, from, to, after, limit }: StatementSpan<EffectivePosition>,
): Promise<EffectiveStatement> => {
  const start = sql`${after?.effectiveAt ?? from}::text::timestamptz`;
  const end = sql`${to}::text::timestamptz`;
  const behind = (since: "recorded_at" | "effective_at") =>
    after === undefined
      ? sql``
      : sql`and (e.${sql(since)}, e.recorded_at, e.sub, e.version) > (
          ${after.effectiveAt}::text::timestamptz, ${after.recordedAt}::text::timestamptz,
          ${after.part}::smallint, ${after.version}::bigint
        )`;
  const [statement] = await sql<EffectiveStatement[]>`
    with account as materialized (
      select a.id, a.exponent, a.sub_balances, ${
        after === undefined
          ? sql`
        pg_current_snapshot() as snapshot, opening, closing, opening as before
      from ledger_accounts as a
      cross join lateral ledger_balance_at(a.id, ${start} - interval '1 microsecond', true) as opening
      cross join lateral ledger_balance_at(a.id, ${end} - interval '1 microsecond', true) as closing`
          : sql`
        ${after.snapshot}::text::pg_snapshot as snapshot, c.opening, c.closing, c.before
      from ledger_accounts as a
      cross join lateral (
        select (${after.opening}::text::numeric * p.places)::bigint as opening,
          (${after.closing}::text::numeric * p.places)::bigint as closing,
          (${after.running}::text::numeric * p.places)::bigint as before
        from (select 10::numeric ^ a.exponent::numeric as places) as p
      ) as c`
      }
      where a.id = ${accountId}::uuid
    ), parts as materialized (
      select a.id, part::smallint as part,
        ledger_version_at(a.id, part::smallint, ${start} - interval '1 microsecond') as above,
        ledger_version_at(a.id, part::smallint, ${end} - interval '1 microsecond') as upto,
        coalesce((
          select e.version from ledger_entries as e
          where e.account_id = a.id and e.sub = part
            ${after === undefined ? sql`` : sql`and pg_visible_in_snapshot(e.xid, a.snapshot)`}
          order by e.version desc limit 1
        ), 0) as seen
      from account as a
      cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
    ), counted as (
      select e.*, e.recorded_at as since
      from parts as p
      cross join lateral (
        select e.* from ledger_entries as e
        where e.account_id = p.id and e.sub = p.part and e.version > p.above and e.version <= least(p.upto, p.seen)
          and e.effective_at is null ${behind("recorded_at")}
        order by e.version
        limit ${limit}
      ) as e
      union all
      (
        select e.*, e.effective_at
        from ledger_entries as e
        where e.account_id = ${accountId}::uuid and e.effective_at >= ${start} and e.effective_at < ${end}
          and e.version <= (select p.seen from parts as p where p.part = e.sub) ${behind("effective_at")}
        order by e.effective_at, e.recorded_at, e.sub, e.version
        limit ${limit}
      )
    ), page as (
      select c.*, a.exponent, a.before + sum(c.amount) over (order by c.since, c.recorded_at, c.sub, c.version) as running
      from (
        select * from counted order by since, recorded_at, sub, version limit ${limit}
      ) as c
      cross join account as a
    )
    select ledger_decimal(a.opening, a.exponent) as opening, ledger_decimal(a.closing, a.exponent) as closing,
      a.snapshot::text as snapshot,
      coalesce((
        select json_agg(json_build_object(
          'recorded_at', ledger_time(p.recorded_at), 'effective_at', ledger_time(p.since), 'part', p.sub,
          'version', p.version::text, 'transfer_id', p.transfer_id, 'type', t.type,
          'amount', ledger_decimal(p.amount, p.exponent), 'running', ledger_decimal(p.running::bigint, p.exponent),
          'counterparty', case when p.amount < 0 then t.destination_account_id else t.source_account_id end,
          'reference_id', t.reference_id, 'description', t.description
        ) order by p.since, p.recorded_at, p.sub, p.version)
        from page as p join ledger_transfers as t on t.id = p.transfer_id
      ), '[]') as lines
    from account as a`;
  return statement!;
};
