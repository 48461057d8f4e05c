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

/** The same just before a moment, by when entries were recorded: a span may end where the next one begins. */
export const readBalanceBefore = async (sql: Queryable, accountId: string, at: string): Promise<string> => {
  const [row] = await sql<{ balance: string }[]>`
    select ledger_decimal(
      ledger_balance_at(a.id, ${at}::text::timestamptz - interval '1 microsecond', false), a.exponent
    ) as balance
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

/**
 * What was recorded from one moment to another, oldest first, with the running balance of the whole account. An
 * account in one row has it in its entries, along its index; that of a hot one is summed up over the span. What is
 * looked up once is materialized, or it were looked up again for every entry.
 */
export const readStatement = (
  sql: Queryable,
  { accountId, from, to, after, limit }: StatementSpan,
): Promise<StatementLine[]> => sql<StatementLine[]>`
  with span as materialized (
    select a.id, a.exponent, a.sub_balances, part::smallint as part,
      ledger_version_at(a.id, part::smallint, ${from}::text::timestamptz - interval '1 microsecond') as above,
      ledger_version_at(a.id, part::smallint, ${to}::text::timestamptz - interval '1 microsecond') as upto
    from ledger_accounts as a
    cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
    where a.id = ${accountId}::uuid
  ), opening as materialized (
    select ledger_balance_at(${accountId}::uuid, ${from}::text::timestamptz - interval '1 microsecond', false) as balance
  ), lines as (
    select e.*, s.exponent, e.balance_after::numeric as running
    from span as s
    cross join lateral (
      select e.* from ledger_entries as e
      where e.account_id = s.id and e.sub = s.part and e.version <= s.upto
        and e.version > greatest(s.above, ${after?.version ?? "0"}::bigint)
      order by e.version limit ${limit}
    ) as e
    where s.sub_balances = 0
    union all
    select e.*, s.exponent, o.balance + sum(e.amount) over (order by e.recorded_at, e.sub, e.version)
    from span as s
    cross join opening as o
    join ledger_entries as e
      on e.account_id = s.id and e.sub = s.part and e.version > s.above and e.version <= s.upto
    where s.sub_balances > 0
  )
  select
    ledger_time(l.recorded_at) as recorded_at, ledger_time(coalesce(l.effective_at, l.recorded_at)) as effective_at,
    l.sub as part, l.version, l.transfer_id, t.type, ledger_decimal(l.amount, l.exponent) as amount,
    ledger_decimal(l.running::bigint, l.exponent) as running,
    case when l.amount < 0 then t.destination_account_id else t.source_account_id end as counterparty,
    t.reference_id, t.description
  from lines as l
  join ledger_transfers as t on t.id = l.transfer_id
  ${
    after === undefined
      ? sql``
      : sql`where (l.recorded_at, l.sub, l.version) > (${after.recordedAt}::text::timestamptz, ${after.part}::smallint, ${after.version}::bigint)`
  }
  order by l.recorded_at, l.sub, l.version
  limit ${limit}`;
