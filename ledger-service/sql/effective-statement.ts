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
 * is locked until its entries are committed, so these are its first ones by version, and what came in since is taken
 * off the balances again.
 */
export const readEffectiveStatement = async (
  sql: Queryable,
  { accountId, from, to, after, limit }: StatementSpan<EffectivePosition>,
): Promise<EffectiveStatement> => {
  const [statement] = await sql<EffectiveStatement[]>`
    with span as (
      select ${from}::text::timestamptz as "from", ${to}::text::timestamptz as "to",
        ${from}::text::timestamptz - interval '1 microsecond' as before_from,
        ${to}::text::timestamptz - interval '1 microsecond' as before_to,
        coalesce(${after?.snapshot ?? null}::text::pg_snapshot, pg_current_snapshot()) as snapshot
    ), parts as (
      select a.id, part::smallint as part, span."from", span."to",
        ledger_version_at(a.id, part::smallint, span.before_from) as above,
        ledger_version_at(a.id, part::smallint, span.before_to) as upto,
        coalesce((
          select e.version from ledger_entries as e
          where e.account_id = a.id and e.sub = part
            ${after === undefined ? sql`` : sql`and pg_visible_in_snapshot(e.xid, span.snapshot)`}
          order by e.version desc limit 1
        ), 0) as seen
      from span
      cross join ledger_accounts as a
      cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
      where a.id = ${accountId}::uuid
    ), unseen as (
      select
        coalesce(sum(e.amount) filter (where coalesce(e.effective_at, e.recorded_at) < p."from"), 0) as before_from,
        coalesce(sum(e.amount) filter (where coalesce(e.effective_at, e.recorded_at) < p."to"), 0) as before_to
      from parts as p
      join ledger_entries as e on e.account_id = p.id and e.sub = p.part and e.version > p.seen
    ), balances as (
      select a.exponent,
        ledger_balance_at(a.id, span.before_from, true) - unseen.before_from as opening,
        ledger_balance_at(a.id, span.before_to, true) - unseen.before_to as closing
      from ledger_accounts as a cross join span cross join unseen
      where a.id = ${accountId}::uuid
    ), counted as (
      select e.*, e.recorded_at as since
      from parts as p
      join ledger_entries as e
        on e.account_id = p.id and e.sub = p.part and e.version > p.above and e.version <= least(p.upto, p.seen)
      where e.effective_at is null
      union all
      select e.*, e.effective_at
      from parts as p
      join ledger_entries as e on e.account_id = p.id and e.sub = p.part and e.version <= p.seen
      where e.effective_at >= p."from" and e.effective_at < p."to"
    ), lines as (
      select c.*, b.exponent, b.opening + sum(c.amount) over (order by c.since, c.recorded_at, c.sub, c.version) as running
      from counted as c cross join balances as b
    ), page as (
      select l.* from lines as l
      ${
        after === undefined
          ? sql``
          : sql`
            where (l.since, l.recorded_at, l.sub, l.version) > (
              ${after.effectiveAt}::text::timestamptz, ${after.recordedAt}::text::timestamptz,
              ${after.part}::smallint, ${after.version}::bigint
            )`
      }
      order by l.since, l.recorded_at, l.sub, l.version
      limit ${limit}
    )
    select ledger_decimal(b.opening::bigint, b.exponent) as opening,
      ledger_decimal(b.closing::bigint, b.exponent) as closing, span.snapshot::text as snapshot,
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
    from balances as b cross join span`;
  return statement!;
};
