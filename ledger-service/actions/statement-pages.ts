import type { Queryable } from "../../platform/database/connect.ts";
import { pageOf } from "../../platform/http/page.ts";
import { type StatementQuery, readStatementCursor, toStatementCursor } from "../domain/statement-position.ts";
import { readStatement, type StatementLine } from "../sql/statements.ts";

export type AskedPage = StatementQuery & {
  readonly cursor: string | undefined;
  /** Lines a page. */
  readonly limit: number;
};

/** A page of a statement, as it was at its first. @throws AppError invalid_query for another's cursor */
export const pageOfStatement = async (
  sql: Queryable,
  { cursor, limit, ...query }: AskedPage,
  { cursorKey }: { cursorKey: string },
) => {
  const after = readStatementCursor(cursor, query, cursorKey);
  const { opening, closing, snapshot, lines } = await readStatement(sql, {
    ...query,
    after,
    limit: limit + 1,
  });
  const { items, last } = pageOf(lines, limit);
  const nextCursor = last
    ? toStatementCursor(
        {
          since: last.since,
          recordedAt: last.recorded_at,
          part: last.part,
          version: last.version,
          snapshot,
          opening,
          closing,
          running: last.running,
        },
        query,
        cursorKey,
      )
    : null;
  return {
    openingBalance: opening,
    closingBalance: closing,
    lines: items.map(showLine),
    nextCursor,
  };
};

const showLine = (line: StatementLine) => ({
  recordedAt: line.recorded_at,
  effectiveAt: line.effective_at,
  transferId: line.transfer_id,
  type: line.type,
  amount: line.amount,
  runningBalance: line.running,
  counterpartyAccountId: line.counterparty,
  ...(line.reference_id !== null && { referenceId: line.reference_id }),
  ...(line.description !== null && { description: line.description }),
});
