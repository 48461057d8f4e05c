import type { Registry } from "prom-client";
import { closeDatabase, connectDatabase } from "../platform/database/connect.ts";
import type { Sql } from "../platform/database/connect.ts";
import { createHttpApp } from "../platform/http/create-app.ts";
import { createHealth } from "../platform/http/health.ts";
import type { Health } from "../platform/http/health.ts";
import { serveHttp } from "../platform/http/serve.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import { checkConnected } from "../platform/messaging/broker-checks.ts";
import { connectBroker } from "../platform/messaging/connect.ts";
import type { Broker } from "../platform/messaging/connect.ts";
import type { App } from "../platform/http/create-app.ts";
import type { Logger } from "../platform/observability/logger.ts";
import { createMetrics } from "../platform/observability/metrics.ts";

export type WorkerConfig = {
  PROCESS_NAME: string;
  HOST: string;
  PORT: number;
  NATS_URL: string;
  DATABASE_URL: string;
  DATABASE_PREPARE: boolean;
};

export type WorkerConnections = {
  broker: Broker;
  sql: Sql;
  health: Health;
  metrics: Registry;
  logger: Logger;
};

/** What routes may use; the broker is not there before it has been connected to once. */
export type RouteConnections = { sql: Sql; broker: () => Broker | undefined; logger: Logger };

export type WorkerOptions = {
  /** In the pool. */
  connections: number;
  /** Adds routes of its own beside health and metrics. */
  routes?: (app: App, connections: RouteConnections) => void;
};

/**
 * What every worker stands on: broker, database, and the port for health and metrics. The port is served from the
 * start, so that a worker that waits for a server says so; it closes before what its routes use.
 */
export const connectWorker = async (
  config: WorkerConfig,
  logger: Logger,
  onStop: OnStop,
  { connections, routes }: WorkerOptions,
): Promise<WorkerConnections> => {
  const metrics = createMetrics(config);
  const health = createHealth();
  const sql = connectDatabase(
    {
      url: config.DATABASE_URL,
      prepare: config.DATABASE_PREPARE,
      name: config.PROCESS_NAME,
      max: connections,
    },
    logger,
  );
  onStop("database", () => closeDatabase(sql));
  let connected: Broker | undefined;
  onStop("broker", () => connected?.close());
  const app = createHttpApp({ logger, metrics, health });
  routes?.(app, { sql, broker: () => connected, logger });
  const server = await serveHttp(app, { host: config.HOST, port: config.PORT });
  onStop("http", server.stop);
  logger.info({ url: server.url }, "listening");
  health.require("start", () => {
    throw Object.assign(new Error("connecting"), { code: "CONNECTING" });
  });

  const broker = await connectBroker({ url: config.NATS_URL, name: config.PROCESS_NAME }, logger);
  connected = broker;

  health.require("start", () => {});
  health.require("broker", checkConnected(broker));
  health.require("database", async () => {
    await sql`select 1`;
  });
  return { broker, sql, health, metrics, logger };
};
