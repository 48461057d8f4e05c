// Of the driver and of the socket beneath it.
const CONNECTION_CODES = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, shutting down or starting
// up, out of connections, memory or disk, read-only after a failover, statement cancelled by its timeout.
const SQLSTATES = /^(08...|57P0[123]|53...|25006|57014)$/;

/** Does this error say that the database cannot be reached or used just now, rather than that we asked wrongly? */
export const isDatabaseUnavailable = (error: unknown): boolean => {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return error.name === "PostgresError" ? SQLSTATES.test(error.code) : CONNECTION_CODES.has(error.code);
};
