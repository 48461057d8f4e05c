// Codes of postgres.js (CONNECT…) and of Node's sockets and resolver beneath it (E…).

/** A connection that stood is gone. */
export const LOSS_CODES: ReadonlySet<string> = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

/** The same, or none could be made. */
export const CONNECTION_CODES: ReadonlySet<string> = new Set([
  ...LOSS_CODES,
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
