import type { CreditBody } from "./answer-body.ts";
import { Registry } from "prom-client";
import { createApp } from "../../credit-service/app.ts";
import { createPredictionClient } from "../../credit-service/model/request-prediction.ts";
import { createModelBreaker, createRiskModel } from "../../credit-service/model/risk-model.ts";
import { createPasswords, type Passwords } from "../../credit-service/passwords/passwords.ts";
import { createCache } from "../../platform/cache/cache.ts";
import { connectRedis } from "../../platform/cache/redis.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { createHealth } from "../../platform/http/health.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { type Send, sendAsGateway, TEST_GATEWAY_KEY } from "./send-as-gateway.ts";
import { until } from "./until.ts";

const NOBODY: Caller = { kind: "anonymous" };
export const TEST_JWT_SECRET = "a-signing-secret-that-only-tests-use-0";
/** Nothing listens there: the port is privileged and unassigned. */
export const NO_REDIS = "redis://127.0.0.1:1";
// Longer than a busy machine takes to answer: what is asked of Redis and of the model is answered unless a test sees to it.
const PATIENCE_MS = 5_000;

export type CreditOptions = {
  sql: Sql;
  redisUrl: string;
  /** Short where a test is about a Redis that does not answer. */
  redisTimeoutMs?: number;
  modelUrls: string[];
  coolOffSeconds?: number;
  breakerResetMs?: number;
  modelTimeoutMs?: number;
  clock?: () => Date;
  passwords?: Passwords;
  wakeRelay?: () => void;
};

export type CreditReplica = AsyncDisposable & {
  send: Send<CreditBody>;
  metrics: Registry;
};

/** One replica of credit-service in this process, connected to real servers; requests come as from the gateway. */
export const startCredit = async (options: CreditOptions): Promise<CreditReplica> => {
  const logger = createLogger({ PROCESS_NAME: "credit-service", LOG_LEVEL: "silent" });
  const metrics = new Registry();
  const redis = connectRedis(options.redisUrl, logger, options.redisTimeoutMs ?? PATIENCE_MS);
  if (options.redisUrl !== NO_REDIS) await until(() => redis.ping().then(() => true), { what: "Redis" });
  const client = createPredictionClient({
    urls: options.modelUrls,
    timeoutMs: options.modelTimeoutMs ?? PATIENCE_MS,
  });
  const breaker = createModelBreaker(options.breakerResetMs ?? 30_000, logger);
  const app = createApp({
    logger,
    metrics,
    health: createHealth(),
    sql: options.sql,
    cache: createCache({ redis, metrics }),
    redis,
    model: createRiskModel({ client, breaker, logger, metrics }),
    passwords: options.passwords ?? (await createPasswords()),
    wakeRelay: options.wakeRelay ?? (() => {}),
    config: {
      JWT_SECRET: TEST_JWT_SECRET,
      GATEWAY_KEY: TEST_GATEWAY_KEY,
      TOKEN_TTL_SECONDS: 3_600,
      COOL_OFF_SECONDS: options.coolOffSeconds ?? 300,
    },
    ...(options.clock && { clock: options.clock }),
  });
  return {
    metrics,
    send: sendAsGateway(app, NOBODY),
    [Symbol.asyncDispose]: async () => {
      redis.stop();
      breaker.stop();
      await client.close();
    },
  };
};
