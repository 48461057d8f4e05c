import type postgres from "postgres";

const accounts = "ledger-service/routes/accounts.test.ts";
const transfers = "ledger-service/routes/transfers.test.ts";
const waiting = "ledger-service/routes/waiting-transfers.test.ts";
const others = "ledger-service/routes/other-orders.test.ts";
const changeAccounts = "ledger-service/routes/change-accounts.test.ts";
const balanceAt = "ledger-service/routes/balance-at.test.ts";
const lists = "ledger-service/routes/list-transfers.test.ts";
const statements = [
  "ledger-service/routes/statements.test.ts",
  "ledger-service/routes/effective-statements.test.ts",
];
const authorize = "ledger-service/sql/authorize.test.ts";
const settleHolds = "ledger-service/sql/settle-holds.test.ts";
const batches = "ledger-service/sql/batch-order.test.ts";
const boundaries = "ledger-service/sql/boundaries.test.ts";
const purchases = "ledger-service/sql/authorize-boundaries.test.ts";
const changes = "ledger-service/sql/change-account.test.ts";
const velocity = "ledger-service/sql/velocity.test.ts";
const authorizations = "ledger-service/routes/authorizations.test.ts";
const groups = "ledger-service/routes/authorization-groups.test.ts";
const settled = "ledger-service/routes/settle-authorizations.test.ts";
const partners = "ledger-service/routes/partners.test.ts";
const traces = "ledger-service/routes/traces.test.ts";
const settlement = "ledger-service/sql/settlement-accounts.test.ts";
const dryRun = "ledger-service/sql/dry-run.test.ts";
const authorizing = [purchases, velocity, authorize, settleHolds, batches, authorizations, groups, partners];
const settling = [
  boundaries,
  changes,
  authorize,
  settleHolds,
  batches,
  authorizations,
  settled,
  settlement,
  partners,
];
const posting = [boundaries, changes, transfers, waiting, others, batches, accounts, changeAccounts, traces];

/** The functions that move money, decide on it or count it: whether the model calls them, and the tests that do. */
const MONEY_FUNCTIONS: Readonly<Record<string, { modelled: boolean; tests: readonly string[] }>> = {
  ledger_account_json: { modelled: true, tests: [accounts, changeAccounts, boundaries, ...statements] },
  ledger_announce_captures: { modelled: true, tests: settling },
  ledger_announce_transfers: { modelled: true, tests: posting },
  ledger_answered: { modelled: true, tests: [...settling, others] },
  ledger_authorize: { modelled: true, tests: authorizing },
  ledger_authorize_many: { modelled: true, tests: authorizing },
  ledger_authorize_one: { modelled: true, tests: authorizing },
  ledger_balance_at: { modelled: false, tests: [boundaries, balanceAt, ...statements] },
  ledger_cancel: { modelled: false, tests: [waiting] },
  ledger_capture: { modelled: true, tests: settling },
  ledger_capture_accounts: { modelled: true, tests: settling },
  ledger_capture_fault: { modelled: true, tests: settling },
  ledger_capture_refusal: { modelled: true, tests: settling },
  ledger_change_account: { modelled: true, tests: [changes, accounts, changeAccounts, settlement] },
  ledger_close_holds: { modelled: true, tests: settling },
  ledger_decimal: { modelled: true, tests: [accounts, transfers, ...statements] },
  ledger_expire: { modelled: true, tests: [boundaries, settleHolds] },
  ledger_group_size: { modelled: true, tests: [groups, authorizations] },
  ledger_funds_fault: { modelled: true, tests: posting },
  ledger_hold_refusal: { modelled: true, tests: [boundaries, settleHolds] },
  ledger_insert_transfers: { modelled: true, tests: posting },
  ledger_known_captures: { modelled: true, tests: settling },
  ledger_known_transfers: { modelled: true, tests: posting },
  ledger_limit_fault: { modelled: true, tests: [accounts, changeAccounts] },
  ledger_lock_accounts: { modelled: true, tests: [...posting, dryRun] },
  ledger_new_transfer: { modelled: true, tests: posting },
  ledger_no_hold: { modelled: true, tests: [settled] },
  ledger_open_account: { modelled: false, tests: [boundaries, accounts] },
  ledger_post: { modelled: true, tests: posting },
  ledger_post_bulk: { modelled: false, tests: [others] },
  ledger_post_many: { modelled: true, tests: posting },
  ledger_post_one: { modelled: true, tests: posting },
  ledger_refuse: { modelled: true, tests: posting },
  ledger_remember: { modelled: true, tests: [...settling, others] },
  ledger_retry_due: { modelled: false, tests: [boundaries, changes, waiting] },
  ledger_revert: { modelled: false, tests: [others, ...statements] },
  ledger_revert_fault: { modelled: false, tests: [others] },
  ledger_settle_group: { modelled: false, tests: [batches, authorizations, groups, settled] },
  ledger_transfer_fault: { modelled: true, tests: posting },
  ledger_transfer_json: { modelled: true, tests: posting },
  ledger_transfer_refusal: { modelled: true, tests: posting },
  ledger_transfer_state: { modelled: true, tests: posting },
  ledger_update_transfers: { modelled: true, tests: [boundaries, changes, waiting] },
  ledger_version_at: { modelled: false, tests: [balanceAt, ...statements, lists] },
  ledger_void: { modelled: true, tests: [boundaries, settleHolds, batches, authorizations, settled] },
  ledger_write_balances: { modelled: true, tests: [...posting, settleHolds] },
  ledger_write_holds: { modelled: true, tests: settling },
};

/** Whether the model of the ledger calls a function. */
export const isModelled = (name: string): boolean => MONEY_FUNCTIONS[name]!.modelled;

/** The tests of what calls a function. */
export const testsOf = (name: string): readonly string[] => MONEY_FUNCTIONS[name]!.tests;

/** Their definitions as the migrations left them, by name; those of one name together. */
export const readFunctions = async (sql: postgres.Sql): Promise<Map<string, string>> => {
  const rows = await sql<{ name: string; definition: string }[]>`
    select p.proname as name, string_agg(pg_get_functiondef(p.oid), E';\n' order by p.oid) as definition
    from pg_proc as p where p.proname = any (${Object.keys(MONEY_FUNCTIONS)}) group by p.proname order by p.proname`;
  return new Map(rows.map(({ name, definition }) => [name, breakLines(definition)]));
};

// PostgreSQL keeps a body of standard SQL as one line, in which nobody would find a mutant.
const breakLines = (definition: string): string =>
  definition.replaceAll(/^RETURN .{300,}$/gm, (line) => line.replaceAll(/(?<= \|\|| AS \w+,) /g, "\n"));
