import { codeOf } from "../errors/code-of.ts";
import { CONNECTION_CODES } from "./connection-codes.ts";

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, shutting down or starting
// up, out of connections, memory or disk, read-only after a failover, statement cancelled by its timeout.
const SQLSTATES = /^(08...|57P0[123]|53...|25006|57014)$/;

/** Does this error say that the database cannot be reached or used just now, rather than that we asked wrongly? */
export const isDatabaseUnavailable = (error: unknown): boolean => {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined) return false;
  return error.name === "PostgresError" ? SQLSTATES.test(code) : CONNECTION_CODES.has(code);
};
