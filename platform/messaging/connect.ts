import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import type { Logger } from "../observability/logger.ts";
import { parseServers } from "./server-url.ts";

/** A connection to the broker that heals by itself, and what is known about it. */
export type Broker = {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** False from the moment the connection is lost: a publish would then only wait for its timeout. */
  connected: () => boolean;
  /** Sends what is still buffered, then closes. */
  close: () => Promise<void>;
};

export type BrokerOptions = {
  /** One or more servers, separated by commas: `nats://[token@]host:port`. */
  url: string;
  /** Shown in the server's connection list. */
  name: string;
};

const CLOSE_DEADLINE_MS = 3_000;

/**
 * Connects, trying for as long as it takes also the first time: services and broker may start in any order.
 * After a loss it reconnects without end.
 */
export const connectBroker = async ({ url, name }: BrokerOptions, logger: Logger): Promise<Broker> => {
  const nc = await connect({
    ...parseServers(url),
    name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: 2_000,
    // A stack trace per request would cost more than the request.
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
  });
  let connected = true;
  const watch = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (status.type === "disconnect") {
        connected = false;
        logger.warn("lost the connection to the broker");
      }
      if (status.type === "reconnect") {
        connected = true;
        logger.info("connected to the broker again");
      }
      if (status.type === "error") logger.warn({ err: status.error }, "broker error");
    }
    connected = false;
  };
  void watch();

  return {
    nc,
    js: jetstream(nc, { timeout: 5_000 }),
    jsm: await jetstreamManager(nc, { timeout: 5_000, checkAPI: false }),
    connected: () => connected && !nc.isClosed(),
    close: async () => {
      // A drain needs the server; without one it would wait for the reconnection.
      const drained = connected ? nc.drain() : nc.close();
      await Promise.race([drained, sleep(CLOSE_DEADLINE_MS, undefined, { ref: false })]);
      if (!nc.isClosed()) await nc.close();
    },
  };
};
