import type postgres from "postgres";

/** The functions that move money, decide on it or count it. */
const MONEY_FUNCTIONS = [
  "ledger_post",
  "ledger_post_many",
  "ledger_post_one",
  "ledger_authorize",
  "ledger_authorize_many",
  "ledger_authorize_one",
  "ledger_capture",
  "ledger_void",
  "ledger_expire",
  "ledger_close_holds",
  "ledger_hold_refusal",
  "ledger_change_account",
  "ledger_open_account",
  "ledger_revert",
  "ledger_post_bulk",
  "ledger_retry_due",
  "ledger_settle_group",
  "ledger_version_at",
  "ledger_balance_at",
  "ledger_decimal",
];

/** Their definitions as the migrations left them, by name. */
export const readFunctions = async (sql: postgres.Sql): Promise<Map<string, string>> => {
  const rows = await sql<{ name: string; definition: string }[]>`
    select p.proname as name, pg_get_functiondef(p.oid) as definition
    from pg_proc as p where p.proname = any (${MONEY_FUNCTIONS}) order by p.proname, p.oid`;
  return new Map(rows.map(({ name, definition }) => [name, definition]));
};
