import { CONNECTION_CODES } from "../database/connection-codes.ts";
import { codeOf } from "../errors/code-of.ts";

/**
 * Whose fault an error is. `transient`: the surroundings', the same batch will pass later. `permanent`: the data's,
 * it will never pass. `unknown`: cannot be told; retried a limited number of times.
 */
export type ErrorKind = "transient" | "permanent" | "unknown";

// PostgreSQL's SQLSTATE by class (first two characters), https://www.postgresql.org/docs/current/errcodes-appendix.html
const SQLSTATE_CLASSES: Record<string, ErrorKind> = {
  "08": "transient", // connection exception
  "21": "permanent", // cardinality violation
  "22": "permanent", // data exception
  "23": "permanent", // integrity constraint violation
  "25": "transient", // invalid transaction state: a standby that is being promoted is read-only
  "28": "transient", // invalid authorization: a password being rotated
  "3D": "transient", // the database is not there (yet)
  "40": "transient", // transaction rollback: serialization failure, deadlock
  "42": "transient", // the schema is not what this version expects: its migration has not run yet
  "53": "transient", // insufficient resources: disk full, too many connections
  "54": "permanent", // program limit exceeded
  "55": "transient", // object not in prerequisite state: lock not available
  "58": "transient", // system error outside PostgreSQL
};

const SQLSTATES: Record<string, ErrorKind> = {
  "57P01": "transient", // admin shutdown
  "57P02": "transient", // crash shutdown
  "57P03": "transient", // cannot connect now: starting up
  "57P05": "transient", // idle session timeout
};

/** The one place that sorts what handlers throw. */
export const classifyError = (error: unknown): ErrorKind => {
  const code = firstCodeOf(error);
  if (code === undefined) return "unknown";
  if (CONNECTION_CODES.has(code)) return "transient";
  if (!/^[0-9A-Z]{5}$/.test(code)) return "unknown";
  return SQLSTATES[code] ?? SQLSTATE_CLASSES[code.slice(0, 2)] ?? "unknown";
};

/** What an error is called in logs and dead letters: its SQLSTATE or code, else its class. */
export const errorClassOf = (error: unknown): string =>
  firstCodeOf(error) ?? (error instanceof Error ? error.name : "UnknownError");

// Node wraps the errors of several addresses tried in turn.
const firstCodeOf = (error: unknown): string | undefined =>
  error instanceof AggregateError ? firstCodeOf(error.errors[0]) : codeOf(error);
