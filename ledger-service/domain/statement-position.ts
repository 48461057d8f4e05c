import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Position } from "./position.ts";

/**
 * Where an entry stands in a statement, and the entries among which it stands: those that PostgreSQL's snapshot sees
 * (`xmin:xmax:xip,…`), so that what comes in later moves no page. With the balances, decimals, that the first page has
 * computed, and the one that the entry leaves.
 */
export type StatementPosition = Position & {
  /** The time that orders the statement: from when the entry counts, or when it was recorded. */
  since: string;
  snapshot: string;
  opening: string;
  closing: string;
  running: string;
};

/** What a cursor belongs to: an account, a span and an order, as they were asked for. */
export type StatementQuery = {
  readonly accountId: string;
  readonly from: string;
  readonly to: string;
  readonly basis: "recorded" | "effective";
};

/** Balances that come back from outside are believed, so a cursor is signed, for its one statement. */
export const toStatementCursor = (
  position: StatementPosition,
  query: StatementQuery,
  key: string,
): string => {
  const { since, recordedAt, part, version, opening, closing, running, snapshot } = position;
  const text = [since, recordedAt, part, version, opening, closing, running, snapshot].join("_");
  return `${text}_${sign(text, query, key)}`;
};

/** @throws AppError invalid_query when it is no cursor of ours, or one of another statement */
export const readStatementCursor = (
  cursor: string | undefined,
  query: StatementQuery,
  key: string,
): StatementPosition | undefined => {
  if (cursor === undefined) return undefined;
  const end = Math.max(cursor.lastIndexOf("_"), 0);
  const text = cursor.slice(0, end);
  if (!isSame(cursor.slice(end + 1), sign(text, query, key)))
    throw new AppError("invalid_query", "Malformed in the query: cursor", {
      errors: [{ pointer: "/cursor", detail: "must be a nextCursor of an earlier answer to the same query" }],
    });
  const [since, recordedAt, part, version, opening, closing, running, snapshot] = text.split("_") as Parts;
  return { since, recordedAt, part: Number(part), version, opening, closing, running, snapshot };
};

type Parts = [string, string, string, string, string, string, string, string];

const sign = (text: string, { accountId, from, to, basis }: StatementQuery, key: string): string =>
  createHmac("sha256", key).update(`statement ${basis} ${accountId} ${from} ${to} ${text}`).digest("hex");

const isSame = (given: string, own: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(own)];
  return a.length === b.length && timingSafeEqual(a, b);
};
