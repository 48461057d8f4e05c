import type { Queryable } from "../../platform/database/connect.ts";

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
