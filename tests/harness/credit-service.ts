import type { CreditBody } from "./answer-body.ts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
import { uuidV7 } from "../../platform/identity/uuid-v7.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { type Send, sendAsGateway, TEST_GATEWAY_KEY } from "./send-as-gateway.ts";
import { until } from "./until.ts";

const NOBODY: Caller = { kind: "anonymous" };
export const TEST_JWT_SECRET = "a-signing-secret-that-only-tests-use-0";
/** Nothing listens there: the port is privileged and unassigned. */
export const NO_REDIS = "redis://127.0.0.1:1";
// Longer than a busy machine takes to answer: what is asked of Redis and of the model is answered unless a test sees to it.
const PATIENCE_MS = 5_000;

export type FakeModel = AsyncDisposable & {
  readonly url: string;
  /** What was asked so far. */
  readonly asked: unknown[];
  /** From now on it answers so. */
  answer: (status: number, body: unknown, delayMs?: number) => void;
  score: (riskScore: number, delayMs?: number) => void;
};

/** A risk model whose answers the test decides. */
export const startFakeModel = async (): Promise<FakeModel> => {
  const asked: unknown[] = [];
  let next = { status: 500, body: "" as unknown, delayMs: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked.push(JSON.parse(Buffer.concat(chunks).toString()));
      const { status, body, delayMs } = next;
      setTimeout(() => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      }, delayMs);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const model: FakeModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (status, body, delayMs = 0) => {
      next = { status, body, delayMs };
    },
    score: (riskScore, delayMs = 0) =>
      model.answer(
        200,
        { risk_score: riskScore, model_version: "test-1", contributions: { stress: 0.5 } },
        delayMs,
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  model.score(0.25);
  return model;
};

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

export type Person = { id: string; caller: Caller };

/** A fresh user straight in the database; nobody can log in as it. */
export const makePerson = async (sql: Sql): Promise<Person> => {
  const id = uuidV7();
  await sql`insert into users (id, email, password_hash) values (${id}, ${`${id}@example.com`}, 'none')`;
  return { id, caller: { kind: "user", id } };
};

/** A day of emotions in the summary, `daysAgo` UTC days back. */
export const feel = async (
  sql: Sql,
  { id }: Person,
  { daysAgo = 0, events = 4, positivity = 0.5, stressed = 0 } = {},
): Promise<void> => {
  await sql`
    insert into emotional_events_summary (
      user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum
    ) values (
      ${id}, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${events}, ${stressed},
      ${positivity}::numeric * ${events}::numeric, 1, 1
    )`;
};

/** A day of purchases in the summary. */
export const spend = async (
  sql: Sql,
  { id }: Person,
  { daysAgo = 0, purchases = 2, total = "50.5", currency = "USD" } = {},
): Promise<void> => {
  await sql`
    insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
    values (
      ${id}, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${currency}, ${purchases}, ${total}::numeric
    )`;
};
