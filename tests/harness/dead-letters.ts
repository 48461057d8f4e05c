import type { DeadLetterBody } from "./answer-body.ts";
import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { transactionEvent } from "../../contracts/events/transaction-event.ts";
import { streams } from "../../contracts/streams.ts";
import { createHttpApp } from "../../platform/http/create-app.ts";
import { createHealth } from "../../platform/http/health.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { connectBroker, type Broker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { runReplays } from "../../workers/dead-letter/actions/run-replays.ts";
import { registerRoutes } from "../../workers/dead-letter/app.ts";
import { createLetterMetrics } from "../../workers/dead-letter/metrics.ts";
import { insertLetter, type NewLetter } from "../../workers/dead-letter/sql/letters.ts";
import { startStoring } from "../../workers/dead-letter/start-storing.ts";
import { decodeWith } from "../../workers/decode-with.ts";
import { startConsumer } from "../../workers/start-consumer.ts";
import { persistTransactions } from "../../workers/transaction-processing/persist-transactions.ts";
import { uuidv7 } from "uuidv7";
import { freshDatabase, type FreshDatabase } from "./database.ts";
import { type Send, sendAsGateway, TEST_GATEWAY_KEY } from "./send-as-gateway.ts";
import { type Server, startNats } from "./servers.ts";

const SETTINGS = { STREAM_REPLICAS: 1, RETRY_BASE_MS: 10, ACK_WAIT_MS: 30_000 };

export const OPERATOR: Caller = { kind: "operator", id: randomUUID() };

export type DeadLetterDesk = AsyncDisposable & {
  readonly sql: FreshDatabase["sql"];
  readonly broker: Broker;
  readonly nats: Server;
  readonly metrics: Registry;
  /** A request as the gateway passes it on; an operator's unless it says otherwise. */
  readonly send: Send<DeadLetterBody>;
  /** Ends the replays by filter, and begins with them again, as a restart does. */
  readonly restartReplays: () => Promise<void>;
  readonly stopReplays: () => Promise<void>;
};

/** The dead-letter worker and the one for transactions in this process, on a database and a broker of their own. */
export const startDeadLetterDesk = async (): Promise<DeadLetterDesk> => {
  const logger = createLogger({ PROCESS_NAME: "dead-letter", LOG_LEVEL: "silent" });
  const database = await freshDatabase();
  const { sql } = database;
  const nats = await startNats();
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  const stops: (() => unknown)[] = [];
  const onStop = (_name: string, stop: () => unknown): void => void stops.unshift(stop);
  for (const stream of [streams.DEAD_LETTERS, streams.TRANSACTIONS])
    await ensureStream(broker.jsm, stream, 1, logger);

  const metrics = new Registry();
  const connections = { broker, sql, health: createHealth(), metrics, logger };
  startStoring(connections, onStop, SETTINGS, createLetterMetrics(metrics));
  startConsumer({ ...connections, metrics: new Registry() }, onStop, {
    consumer: "transactionProcessing",
    decode: decodeWith(transactionEvent),
    handle: persistTransactions({ sql, count: () => {} }),
    config: SETTINGS,
  });
  const start = () => runReplays({ sql, broker: () => broker, logger });
  let replays = start();
  const app = createHttpApp({ logger, metrics: new Registry(), health: createHealth() });
  registerRoutes(app, {
    sql,
    broker: () => broker,
    gatewayKey: TEST_GATEWAY_KEY,
    wakeReplays: () => replays.wake(),
  });

  return {
    sql,
    broker,
    nats,
    metrics,
    stopReplays: () => replays.stop(),
    restartReplays: async () => {
      await replays.stop();
      replays = start();
    },
    send: sendAsGateway(app, OPERATOR),
    [Symbol.asyncDispose]: async () => {
      await replays.stop();
      for (const stop of stops) await stop();
      await broker.close();
      await nats[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
};

/** A transaction event as intake publishes it. */
export const transactionOf = (over: Record<string, unknown> = {}) => ({
  eventId: `order-${randomUUID()}`,
  userId: randomUUID(),
  amount: "12.5",
  currency: "USD",
  occurredAt: new Date().toISOString(),
  receivedAt: new Date().toISOString(),
  ...over,
});

/** A letter straight in the database. Returns its id. */
export const putLetter = async (
  sql: FreshDatabase["sql"],
  over: Partial<Omit<NewLetter, "payload">> & { payload?: unknown } = {},
): Promise<string> => {
  const { payload: given, ...rest } = over;
  const event = given ?? transactionOf();
  const payload = Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event));
  const now = new Date();
  const id = uuidv7();
  await insertLetter(sql, {
    id,
    identity: `dead:${randomUUID()}`,
    stream: "TRANSACTIONS",
    consumer: "transaction-processing",
    subject: "transactions.topic",
    streamSequence: 1,
    line: 0,
    errorClass: "InvalidEvent",
    errorMessage: "/amount must be a text",
    attempts: 1,
    headers: {},
    userId: null,
    eventId: null,
    replayOf: null,
    firstFailedAt: now,
    lastFailedAt: now,
    ...rest,
    payload,
  });
  return id;
};
