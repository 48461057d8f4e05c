import { plainArray, textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Item, LedgerLine, Outcome } from "../domain/reconcile.ts";

export type Reconciliation = {
  id: string;
  accountId: string;
  from: string;
  to: string;
  toleranceDays: number;
  lines: number;
  matched: number;
  exceptions: number;
  createdBy: string;
  createdAt: string;
};

export type Wanted = {
  accountId: string;
  /** Days in UTC, both included, and how far beyond them a match may lie. */
  from: string;
  to: string;
  toleranceDays: number;
  /** References and ids of transfers that are wanted whenever they were. */
  names: readonly string[];
  most: number;
};

/** An account's entries that take effect around days, or that are named; at most so many. */
export const entriesWanted = async (sql: Queryable, wanted: Wanted): Promise<LedgerLine[]> => {
  const names = sql`select unnest(${textArray(wanted.names)}::text[])`;
  const rows = await sql<(Omit<LedgerLine, "amount"> & { amount: string })[]>`
    select e.transfer_id as "transferId", e.amount, t.reference_id as reference,
      ((coalesce(e.effective_at, e.recorded_at) at time zone 'UTC')::date)::text as date
    from ledger_entries as e
    join ledger_transfers as t on t.id = e.transfer_id
    where e.account_id = ${wanted.accountId}::uuid
      and (
        (coalesce(e.effective_at, e.recorded_at) at time zone 'UTC')::date
          between ${wanted.from}::date - ${wanted.toleranceDays}::int and ${wanted.to}::date + ${wanted.toleranceDays}::int
        or t.reference_id in (${names}) or t.id::text in (${names})
      )
    order by e.id
    limit ${wanted.most}::int`;
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
};

export type NewReconciliation = Omit<Reconciliation, "createdAt"> & { statementHash: Buffer };

/** Keeps a comparison and what it found; returns when. */
export const storeReconciliation = async (
  sql: Queryable,
  run: NewReconciliation,
  items: readonly Item[],
): Promise<void> => {
  await sql`
    insert into ledger_reconciliations
      (id, account_id, from_date, to_date, tolerance_days, lines, matched, exceptions, statement_hash, created_by)
    values (
      ${run.id}::uuid, ${run.accountId}::uuid, ${run.from}::date, ${run.to}::date, ${run.toleranceDays}::smallint,
      ${run.lines}::int, ${run.matched}::int, ${run.exceptions}::int, ${run.statementHash}::bytea, ${run.createdBy}
    )`;
  const column = (value: (item: Item) => string | number | null | undefined): string =>
    textArray(items.map((item) => value(item)?.toString() ?? null));
  await sql`
    insert into ledger_reconciliation_items (
      reconciliation_id, n, outcome, line, line_date, line_amount, line_reference, transfer_id, entry_date, entry_amount
    )
    select ${run.id}::uuid, n, outcome, line, line_date, line_amount, line_reference, transfer_id, entry_date, entry_amount
    from unnest(
      ${plainArray(items.map((_, index) => index + 1))}::int[], ${column(({ outcome }) => outcome)}::text[],
      ${column(({ line }) => line?.line)}::int[], ${column(({ line }) => line?.date)}::date[],
      ${column(({ line }) => line?.amount.toString())}::bigint[], ${column(({ line }) => line?.reference)}::text[],
      ${column(({ entry }) => entry?.transferId)}::uuid[], ${column(({ entry }) => entry?.date)}::date[],
      ${column(({ entry }) => entry?.amount.toString())}::bigint[]
    ) as u (n, outcome, line, line_date, line_amount, line_reference, transfer_id, entry_date, entry_amount)`;
};

const shown = (sql: Queryable) => sql`
  id, account_id as "accountId", from_date::text as "from", to_date::text as "to", tolerance_days as "toleranceDays",
  lines, matched, exceptions, created_by as "createdBy", ledger_time(created_at) as "createdAt"`;

export const readReconciliation = async (
  sql: Queryable,
  accountId: string,
  id: string,
): Promise<Reconciliation | undefined> => {
  const [row] = await sql<Reconciliation[]>`
    select ${shown(sql)} from ledger_reconciliations where id = ${id}::uuid and account_id = ${accountId}::uuid`;
  return row;
};

/** Newest first; along ledger_reconciliations_account. */
export const listReconciliations = (
  sql: Queryable,
  page: { accountId: string; before: string | undefined; most: number },
): Promise<Reconciliation[]> => sql<Reconciliation[]>`
  select ${shown(sql)} from ledger_reconciliations
  where account_id = ${page.accountId}::uuid
    ${page.before === undefined ? sql`` : sql`and id < ${page.before}::uuid`}
  order by id desc limit ${page.most}::int`;

export type ItemRow = {
  n: number;
  outcome: Outcome;
  line: number | null;
  lineDate: string | null;
  lineAmount: string | null;
  lineReference: string | null;
  transferId: string | null;
  entryDate: string | null;
  entryAmount: string | null;
};

/** What a comparison found, in order; all, or the exceptions alone (along ledger_reconciliation_items_exceptions). */
export const listItems = (
  sql: Queryable,
  page: { id: string; exponent: number; all: boolean; after: number; most: number },
): Promise<ItemRow[]> => sql<ItemRow[]>`
  select n, outcome, line, line_date::text as "lineDate",
    ledger_decimal(line_amount, ${page.exponent}::smallint) as "lineAmount", line_reference as "lineReference",
    transfer_id as "transferId", entry_date::text as "entryDate",
    ledger_decimal(entry_amount, ${page.exponent}::smallint) as "entryAmount"
  from ledger_reconciliation_items
  where reconciliation_id = ${page.id}::uuid and n > ${page.after}::int
    ${page.all ? sql`` : sql`and outcome not in ('matched_by_reference', 'matched_by_amount_and_date')`}
  order by n limit ${page.most}::int`;
