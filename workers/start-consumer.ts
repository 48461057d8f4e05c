import { consumers, streams } from "../contracts/streams.ts";
import { subjects } from "../contracts/subjects.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import { checkConsumer } from "../platform/messaging/broker-checks.ts";
import { createConsumerMetrics } from "../platform/messaging/consumer-metrics.ts";
import type { Decode } from "../platform/messaging/delivery.ts";
import type { Handler } from "../platform/messaging/outcome.ts";
import { ensureConsumer } from "../platform/messaging/provision-consumers.ts";
import { ensureStream } from "../platform/messaging/provision-streams.ts";
import { runConsumer } from "../platform/messaging/run-consumer.ts";
import type { ConsumerRun } from "../platform/messaging/consumer-run.ts";
import type { WorkerConnections } from "./connect-worker.ts";

export type ConsumerSettings = { STREAM_REPLICAS: number; RETRY_BASE_MS: number; ACK_WAIT_MS: number };

export type ConsumerStart<Event> = {
  consumer: keyof typeof consumers;
  decode: Decode<Event>;
  /** Reads some lines without the schema, as it would. */
  readPlain?: (line: string) => Event | undefined;
  handle: Handler<Event>;
  config: ConsumerSettings;
  batch?: ConsumerRun<unknown>["batch"];
};

/** Runs a worker's consumer with the platform's own streams, and makes readiness depend on it. */
export const startConsumer = <Event>(
  connections: WorkerConnections,
  onStop: OnStop,
  { consumer: key, decode, readPlain, handle, config, batch }: ConsumerStart<Event>,
): void => {
  const { broker, logger, health } = connections;
  const consumer = { ...consumers[key], ackWaitMs: config.ACK_WAIT_MS };
  const running = runConsumer(
    { broker, logger, metrics: createConsumerMetrics(connections.metrics) },
    {
      consumer,
      deadLetterSubject: `${subjects.deadLetters}.${consumer.stream}`,
      ensure: async () => {
        for (const stream of [streams[consumer.stream], streams.DEAD_LETTERS])
          await ensureStream(broker.jsm, stream, config.STREAM_REPLICAS, logger);
        await ensureConsumer(broker.jsm, consumer);
      },
      decode,
      readPlain,
      handle,
      retryBaseMs: config.RETRY_BASE_MS,
      ...(batch && { batch }),
    },
  );
  health.require("consumer", checkConsumer(broker, consumer));
  onStop("consumer", running.stop);
};
