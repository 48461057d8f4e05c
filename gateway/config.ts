import { z } from "zod";
import { integer, processFields, redisUrl, secret, urlList } from "../platform/config/fields.ts";
import { parseConfig } from "../platform/config/parse-config.ts";

const schema = z.object({
  ...processFields,
  JWT_SECRET: secret,
  INTERNAL_KEY: secret,
  GATEWAY_KEY: secret,
  REDIS_URL: redisUrl,
  EMOTION_INGESTION_URL: urlList,
  TRANSACTION_INGESTION_URL: urlList,
  CREDIT_SERVICE_URL: urlList,
  LEDGER_SERVICE_URL: urlList,
  DEAD_LETTER_URL: urlList,
  /** What one caller may send: refill a second and the most at once. */
  RATE_LIMIT_PER_SECOND: integer(1, 1_000_000).default(100),
  RATE_LIMIT_BURST: integer(1, 10_000_000).default(200),
  /** What one address may try at registering and logging in. */
  AUTH_RATE_LIMIT_PER_SECOND: integer(1, 1_000_000).default(10),
  AUTH_RATE_LIMIT_BURST: integer(1, 10_000_000).default(300),
  /** Largest body that is passed on, in bytes. */
  BODY_LIMIT_BYTES: integer(1_024, 64 * 1_024 * 1_024).default(1_024 * 1_024),
  /** Time between two parts of a body before the client is given up. */
  BODY_IDLE_MS: integer(10, 60_000).default(5_000),
  /** What a body that is passed on as it comes in may take in all; below the 30 s that any request has. */
  BODY_TOTAL_MS: integer(10, 29_000).default(25_000),
  /** What a service has in all, from the first attempt to its last byte. */
  UPSTREAM_TIMEOUT_MS: integer(10, 60_000).default(10_000),
  /** The same for a batch, from the end of its body on: making room for it and publishing it take up to 12 s. */
  BATCH_TIMEOUT_MS: integer(10, 60_000).default(15_000),
  /** Time between two pings to a WebSocket client; one that answers none of two is cut off. */
  SOCKET_HEARTBEAT_MS: integer(10, 60_000).default(20_000),
  /** How often names are looked up again. */
  RESOLVE_EVERY_MS: integer(10, 60_000).default(3_000),
});

export type Config = Readonly<z.output<typeof schema>>;

export const readConfig = (env?: NodeJS.ProcessEnv): Config => parseConfig(schema, env);
