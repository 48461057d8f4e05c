import type { Queryable } from "../../platform/database/connect.ts";
import { pageOf } from "../../platform/http/page.ts";
import { readEffectiveCursor, toEffectiveCursor } from "../domain/effective-position.ts";
import { readCursor, toCursor } from "../domain/position.ts";
import { readEffectiveStatement } from "../sql/effective-statement.ts";
import { readStatement, type StatementLine } from "../sql/entries.ts";

export type AskedPage = {
  readonly accountId: string;
  /** ISO 8601: the first moment of the statement, and the first behind it. */
  readonly from: string;
  readonly to: string;
  readonly cursor: string | undefined;
  /** Lines a page. */
  readonly limit: number;
};

/** A page of what was recorded in a span. @throws AppError invalid_query for another's cursor */
export const pageByRecording = async (sql: Queryable, { cursor, limit, ...span }: AskedPage) => {
  const after = readCursor(cursor);
  const { opening, closing, lines } = await readStatement(sql, { ...span, after, limit: limit + 1 });
  const { items, last } = pageOf(lines, limit);
  const nextCursor = last
    ? toCursor({ recordedAt: last.recorded_at, part: last.part, version: last.version })
    : null;
  return {
    openingBalance: opening,
    closingBalance: closing,
    lines: items.map(showLine),
    nextCursor,
  };
};

/** A page of what counts in a span by its effective time. @throws AppError invalid_query for another's cursor */
export const pageByEffect = async (
  sql: Queryable,
  { cursor, limit, ...span }: AskedPage,
  { cursorKey }: { cursorKey: string },
) => {
  const after = readEffectiveCursor(cursor, span, cursorKey);
  const { opening, closing, snapshot, lines } = await readEffectiveStatement(sql, {
    ...span,
    after,
    limit: limit + 1,
  });
  const { items, last } = pageOf(lines, limit);
  const nextCursor = last
    ? toEffectiveCursor(
        {
          effectiveAt: last.effective_at,
          recordedAt: last.recorded_at,
          part: last.part,
          version: last.version,
          snapshot,
          opening,
          closing,
          running: last.running,
        },
        span,
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
