import { databasePrepare, databaseUrl, integer, natsUrl, processFields } from "../platform/config/fields.ts";

/** What every worker reads. */
export const workerFields = {
  ...processFields,
  NATS_URL: natsUrl,
  DATABASE_URL: databaseUrl,
  DATABASE_PREPARE: databasePrepare,
  STREAM_REPLICAS: integer(1, 5).default(1),
  /** Upper bound of the first retry's delay, in ms; it doubles from attempt to attempt, up to five minutes. */
  RETRY_BASE_MS: integer(1, 300_000).default(10_000),
  /** For how long the others leave a worker what it has in hand, in ms; it says so again while it lives. */
  ACK_WAIT_MS: integer(1_000, 600_000).default(30_000),
};
