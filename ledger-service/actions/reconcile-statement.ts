import { createHash } from "node:crypto";
import type { Queryable } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { uuidv7 } from "uuidv7";
import { readStatement } from "../domain/read-statement.ts";
import { type StatementLine, isMatch, reconcile } from "../domain/reconcile.ts";
import type { AccountRow } from "../sql/accounts.ts";
import { entriesWanted, storeReconciliation } from "../sql/reconciliations.ts";

export type Statement = {
  readonly csv: string;
  /** The days that it covers, both included; from its first line's to its last one's unless given. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly toleranceDays: number;
  readonly actor: string;
};

const MOST_ENTRIES = 100_000;

/**
 * Compares a statement with an account's entries and keeps what was found, all in the caller's transaction.
 * @returns the comparison's id @throws AppError validation_failed naming line and column
 */
export const reconcileStatement = async (
  tx: Queryable,
  account: AccountRow,
  { csv, toleranceDays, actor, ...asked }: Statement,
): Promise<string> => {
  const read = readStatement(csv, account.exponent);
  if ("faults" in read)
    throw new AppError("validation_failed", "The statement breaks a rule: see errors", {
      errors: [...read.faults],
    });
  const { lines } = read;
  const { from, to } = daysOf(lines, asked);
  const accountId = account.id;
  const names = lines.flatMap(({ reference }) => (reference === null ? [] : [reference]));
  const entries = await entriesWanted(tx, {
    accountId,
    from,
    to,
    toleranceDays,
    names,
    most: MOST_ENTRIES + 1,
  });
  if (entries.length > MOST_ENTRIES)
    throw new AppError("validation_failed", `The days hold more than ${MOST_ENTRIES} entries: compare fewer`);
  // Entries beyond the statement's days serve to match its lines, and are missing from nothing.
  const items = reconcile(lines, entries, toleranceDays).filter(
    ({ line, entry }) => line !== null || (entry!.date >= from && entry!.date <= to),
  );
  const matched = items.filter(isMatch).length;
  const id = uuidv7();
  const counts = { lines: lines.length, matched, exceptions: items.length - matched };
  const statementHash = createHash("sha256").update(csv).digest();
  const run = { id, accountId, from, to, toleranceDays, ...counts, createdBy: actor, statementHash };
  await storeReconciliation(tx, run, items);
  return id;
};

const daysOf = (
  lines: readonly StatementLine[],
  asked: { from: string | undefined; to: string | undefined },
): { from: string; to: string } => {
  const days = lines.map(({ date }) => date).toSorted();
  const { from = days[0]!, to = days.at(-1)! } = asked;
  const outside = lines.find(({ date }) => date < from || date > to);
  if (outside)
    throw new AppError("validation_failed", "The statement breaks a rule: see errors", {
      errors: [{ pointer: `/${outside.line}/date`, detail: `must lie within ${from} and ${to}` }],
    });
  return { from, to };
};
