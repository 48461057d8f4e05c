import postgres from "postgres";
import type { Logger } from "pino";
import { createWatchedSockets } from "./watched-socket.ts";

export type Sql = postgres.Sql;
/** A pool or a transaction: what a function in `sql/` takes as its first argument. */
export type Queryable = postgres.Sql | postgres.TransactionSql;
/** A piece of a statement, with its parameters. */
export type Fragment = postgres.Fragment;

export type DatabaseOptions = {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Whether statements are prepared by name, once a connection; not behind a transaction pooler. */
  prepare?: boolean;
  /** Connections in the pool. */
  max?: number;
  /** Upper bound of one statement in ms; the server cancels it, and one that does not answer then is given up. 0: none. */
  statementTimeoutMs?: number;
};

const STATEMENT_TIMEOUT_MS = 30_000;
// Of a statement's time: what the server's word that it was cancelled may take to come.
const SILENCE_FACTOR = 7 / 6;

/**
 * A connection pool. Connections are made on first use and again after a failure. `numeric` and `bigint` come
 * back as strings, so that no digit of an amount is lost.
 */
export const connectDatabase = (options: DatabaseOptions, logger: Logger): Sql => {
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const settings: postgres.Options<{}> & { socket?: ReturnType<typeof createWatchedSockets> } = {
    max: options.max ?? 10,
    prepare: options.prepare ?? true,
    connect_timeout: 5,
    idle_timeout: 30,
    max_lifetime: 30 * 60,
    // Seconds. The driver's own grows to twenty, for which queries would wait after the database is back.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    connection: {
      application_name: options.name,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 60_000,
    },
    onnotice: (notice) => logger.debug({ notice: notice["message"] }, "database notice"),
  };
  // The driver's types do not know it, its description does.
  if (statementTimeoutMs > 0) settings.socket = createWatchedSockets(statementTimeoutMs * SILENCE_FACTOR);
  return postgres(options.url, settings);
};

// Seconds.
const END_WITHIN = 0.5;

/**
 * Ends a pool when everybody who used it has stopped, having waited for what they asked. What is still under way then
 * has nobody to answer to (a readiness check that was given up), and is cut off. The driver (3.4.9) would wait for it,
 * and also, as long as it is let, for the statement of a connection that was lost in the middle of one.
 */
export const closeDatabase = (sql: Sql): Promise<void> => sql.end({ timeout: END_WITHIN });
