import { z } from "zod";
import { LONGEST_TOKEN_SECONDS } from "../contracts/token-revocations.ts";
import {
  databasePrepare,
  databaseUrl,
  integer,
  natsUrl,
  processFields,
  redisUrl,
  secret,
  urlList,
} from "../platform/config/fields.ts";
import { policy } from "./domain/policy.ts";

export const configSchema = z.object({
  ...processFields,
  DATABASE_URL: databaseUrl,
  DATABASE_PREPARE: databasePrepare,
  REDIS_URL: redisUrl,
  /** Wakes the outbox relay at once; without it the relay notices by itself a little later. */
  NATS_URL: natsUrl.optional(),
  /** The risk model's replicas. */
  ML_URL: urlList,
  /** Signs access tokens; the gateway checks them with the same. */
  JWT_SECRET: secret,
  GATEWAY_KEY: secret,
  TOKEN_TTL_SECONDS: integer(1, LONGEST_TOKEN_SECONDS).default(3_600),
  COOL_OFF_SECONDS: integer(0, 30 * 24 * 3_600).default(policy.coolOffSeconds),
  MODEL_TIMEOUT_MS: integer(10, 5_000).default(1_000),
  BREAKER_RESET_MS: integer(100, 600_000).default(30_000),
});

export type Config = Readonly<z.output<typeof configSchema>>;
