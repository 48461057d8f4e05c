import type { Queryable } from "../../platform/database/connect.ts";
import type { Position } from "../domain/position.ts";

/** Credits less debits at a moment, in minor units, by when entries were recorded or take effect. */
export const readBalanceAt = async (
  sql: Queryable,
  { accountId, at, effective }: { accountId: string; at: string; effective: boolean },
): Promise<string> => {
  const [row] = await sql<{ balance: string }[]>`
    select ledger_decimal(ledger_balance_at(a.id, ${at}::text::timestamptz, ${effective}), a.exponent) as balance
    from ledger_accounts as a
    where a.id = ${accountId}::uuid`;
  return row!.balance;
};

export type StatementLine = {
  recorded_at: string;
  effective_at: string;
  part: number;
  version: string;
  transfer_id: string;
  type: string;
  amount: string;
  running: string;
  counterparty: string;
  reference_id: string | null;
  description: string | null;
};

export type StatementSpan<Place = Position> = {
  accountId: string;
  /** The first moment of it. */
  from: string;
  /** The first moment behind it. */
  to: string;
  after: Place | undefined;
  limit: number;
};

export type Statement = { opening: string; closing: string; lines: StatementLine[] };

/**
 * What was recorded from one moment to another, oldest first, with the running balance of the whole account, and the
 * balances at both ends: all of it as one statement sees it, so that they agree while money moves. An account in one
 * row has its balance in its entries, along its index; that of a hot one is summed up over the span. What is looked up
 * once is materialized, or it were looked up again for every entry.
 */
export const readStatement = async (
  sql: Queryable,
  { accountId, from, to, after, limit }: StatementSpan,
): Promise<Statement> => {
  const [statement] = await sql<Statement[]>`
    with account as materialized (
      select a.id, a.exponent, a.sub_balances,
        ledger_balance_at(a.id, ${from}::text::timestamptz - interval '1 microsecond', false) as opening,
        ledger_balance_at(a.id, ${to}::text::timestamptz - interval '1 microsecond', false) as closing
      from ledger_accounts as a
      where a.id = ${accountId}::uuid
    ), span as materialized (
      select a.id, a.sub_balances, part::smallint as part,
        ledger_version_at(a.id, part::smallint, ${from}::text::timestamptz - interval '1 microsecond') as above,
        ledger_version_at(a.id, part::smallint, ${to}::text::timestamptz - interval '1 microsecond') as upto
      from account as a
      cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
    ), lines as (
      select e.*, e.balance_after::numeric as running
      from span as s
      cross join lateral (
        select e.* from ledger_entries as e
        where e.account_id = s.id and e.sub = s.part and e.version <= s.upto
          and e.version > greatest(s.above, ${after?.version ?? "0"}::bigint)
        order by e.version limit ${limit}
      ) as e
      where s.sub_balances = 0
      union all
      select e.*, a.opening + sum(e.amount) over (order by e.recorded_at, e.sub, e.version)
      from span as s
      cross join account as a
      join ledger_entries as e
        on e.account_id = s.id and e.sub = s.part and e.version > s.above and e.version <= s.upto
      where s.sub_balances > 0
    ), page as (
      select l.* from lines as l
      ${
        after === undefined
          ? sql``
          : sql`where (l.recorded_at, l.sub, l.version) > (${after.recordedAt}::text::timestamptz, ${after.part}::smallint, ${after.version}::bigint)`
      }
      order by l.recorded_at, l.sub, l.version
      limit ${limit}
    )
    select ledger_decimal(a.opening, a.exponent) as opening, ledger_decimal(a.closing, a.exponent) as closing,
      coalesce((
        select json_agg(json_build_object(
          'recorded_at', ledger_time(p.recorded_at), 'part', p.sub, 'version', p.version::text,
          'effective_at', ledger_time(coalesce(p.effective_at, p.recorded_at)), 'transfer_id', p.transfer_id,
          'type', t.type, 'amount', ledger_decimal(p.amount, a.exponent),
          'running', ledger_decimal(p.running::bigint, a.exponent),
          'counterparty', case when p.amount < 0 then t.destination_account_id else t.source_account_id end,
          'reference_id', t.reference_id, 'description', t.description
        ) order by p.recorded_at, p.sub, p.version)
        from page as p join ledger_transfers as t on t.id = p.transfer_id
      ), '[]') as lines
    from account as a`;
  return statement!;
};
