import type postgres from "postgres";

const accounts = "ledger-service/routes/accounts.test.ts";
const transfers = "ledger-service/routes/transfers.test.ts";
const holds = "ledger-service/sql/holds.test.ts";
const boundaries = "ledger-service/sql/boundaries.test.ts";
const purchases = "ledger-service/sql/authorize-boundaries.test.ts";
const changes = "ledger-service/sql/change-account.test.ts";
const authorizations = "ledger-service/routes/authorizations.test.ts";
const partners = "ledger-service/routes/partners.test.ts";

/** The functions that move money, decide on it or count it: whether the model calls them, and the tests that do. */
const MONEY_FUNCTIONS: Readonly<Record<string, { modelled: boolean; tests: readonly string[] }>> = {
  ledger_authorize: { modelled: true, tests: [purchases, holds, authorizations, partners] },
  ledger_authorize_many: { modelled: true, tests: [purchases, holds, authorizations, partners] },
  ledger_authorize_one: { modelled: true, tests: [purchases, holds, authorizations, partners] },
  ledger_balance_at: { modelled: false, tests: [boundaries, accounts] },
  ledger_capture: { modelled: true, tests: [boundaries, changes, holds, authorizations, partners] },
  ledger_change_account: { modelled: true, tests: [changes, accounts] },
  ledger_close_holds: { modelled: true, tests: [boundaries, changes, holds, authorizations, partners] },
  ledger_decimal: { modelled: true, tests: [accounts, transfers] },
  ledger_expire: { modelled: true, tests: [boundaries, holds] },
  ledger_hold_refusal: { modelled: true, tests: [boundaries, holds] },
  ledger_open_account: { modelled: false, tests: [boundaries, accounts] },
  ledger_post: { modelled: true, tests: [boundaries, changes, transfers] },
  ledger_post_bulk: { modelled: false, tests: [transfers] },
  ledger_post_many: { modelled: true, tests: [boundaries, changes, transfers, accounts] },
  ledger_post_one: { modelled: true, tests: [boundaries, changes, transfers, accounts] },
  ledger_retry_due: { modelled: false, tests: [boundaries, changes, transfers] },
  ledger_revert: { modelled: false, tests: [transfers] },
  ledger_settle_group: { modelled: false, tests: [holds, authorizations] },
  ledger_version_at: { modelled: false, tests: [accounts] },
  ledger_void: { modelled: true, tests: [boundaries, holds, authorizations] },
};

/** Whether the model of the ledger calls a function. */
export const isModelled = (name: string): boolean => MONEY_FUNCTIONS[name]!.modelled;

/** The tests of what calls a function. */
export const testsOf = (name: string): readonly string[] => MONEY_FUNCTIONS[name]!.tests;

/** Their definitions as the migrations left them, by name. */
export const readFunctions = async (sql: postgres.Sql): Promise<Map<string, string>> => {
  const rows = await sql<{ name: string; definition: string }[]>`
    select p.proname as name, pg_get_functiondef(p.oid) as definition
    from pg_proc as p where p.proname = any (${Object.keys(MONEY_FUNCTIONS)}) order by p.proname, p.oid`;
  return new Map(rows.map(({ name, definition }) => [name, definition]));
};
