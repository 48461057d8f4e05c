import { createCache } from "../platform/cache/cache.ts";
import { connectRedis } from "../platform/cache/redis.ts";
import { closeDatabase, connectDatabase } from "../platform/database/connect.ts";
import type { AppDeps } from "../platform/http/create-app.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import type { CreditDeps } from "./app.ts";
import type { Config } from "./config.ts";
import { forgetWhatIsOld } from "./forget-what-is-old.ts";
import { createPredictionClient } from "./model/request-prediction.ts";
import { createModelBreaker, createRiskModel } from "./model/risk-model.ts";
import { createPasswords } from "./passwords/passwords.ts";
import { connectRelayWaker } from "./relay-waker.ts";

/** Everything outside this process that it needs, connected and watched; undone at stop. */
export const connect = async (config: Config, deps: AppDeps, onStop: OnStop): Promise<CreditDeps> => {
  const { logger, metrics, health } = deps;
  const sql = connectDatabase(
    { url: config.DATABASE_URL, prepare: config.DATABASE_PREPARE, name: config.PROCESS_NAME, max: 10 },
    logger,
  );
  onStop("database", () => closeDatabase(sql));
  const redis = connectRedis(config.REDIS_URL, logger);
  onStop("redis", redis.stop);
  const client = createPredictionClient({ urls: config.ML_URL, timeoutMs: config.MODEL_TIMEOUT_MS });
  onStop("risk model", client.close);
  const breaker = createModelBreaker(config.BREAKER_RESET_MS, logger);
  onStop("breaker", breaker.stop);
  const model = createRiskModel({ client, breaker, logger, metrics });
  const waker = connectRelayWaker(config, logger);
  onStop("broker", waker.stop);
  onStop("what is old", forgetWhatIsOld(sql, logger));

  health.require("database", async () => void (await sql`select 1`));
  health.report("redis", redis.ping);
  health.report("model", () => ({ breaker: model.state() }));

  return {
    ...deps,
    config,
    sql,
    cache: createCache({ redis, metrics }),
    redis,
    model,
    passwords: await createPasswords(),
    wakeRelay: waker.wake,
  };
};
