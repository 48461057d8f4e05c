import type { JsMsg } from "@nats-io/jetstream";
import { consumers, streams } from "../../contracts/streams.ts";
import type { OnStop } from "../../platform/lifecycle/run-process.ts";
import { checkConsumer } from "../../platform/messaging/broker-checks.ts";
import { createConsumerMetrics } from "../../platform/messaging/consumer-metrics.ts";
import { ensureConsumer } from "../../platform/messaging/provision-consumers.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { runConsumer } from "../../platform/messaging/run-consumer.ts";
import type { WorkerConnections } from "../connect-worker.ts";
import type { ConsumerSettings } from "../start-consumer.ts";
import { letterFromMessage } from "./letter-from-message.ts";
import type { LetterMetrics } from "./metrics.ts";
import { storeLetters } from "./store-letters.ts";

/** Stores what arrives in the dead letters' stream. A letter that cannot be stored stays there: it is never buried. */
export const startStoring = (
  { broker, sql, health, metrics, logger }: WorkerConnections,
  onStop: OnStop,
  config: ConsumerSettings,
  { stored: counter }: Pick<LetterMetrics, "stored">,
): void => {
  const consumer = { ...consumers.deadLetter, ackWaitMs: config.ACK_WAIT_MS };
  const handle = storeLetters({
    sql,
    count: ({ stored, received }) => {
      counter.inc({ result: "inserted" }, stored);
      counter.inc({ result: "duplicate" }, received - stored);
    },
  });
  const running = runConsumer(
    { broker, logger, metrics: createConsumerMetrics(metrics) },
    {
      consumer,
      deadLetterSubject: undefined,
      takes: "messages",
      ensure: async () => {
        await ensureStream(broker.jsm, streams.DEAD_LETTERS, config.STREAM_REPLICAS, logger);
        await ensureConsumer(broker.jsm, consumer);
      },
      decode: (message) => letterFromMessage(message as JsMsg),
      handle,
      retryBaseMs: config.RETRY_BASE_MS,
      batch: { events: 100, maxEvents: 200 },
    },
  );
  health.require("consumer", checkConsumer(broker, consumer));
  onStop("consumer", running.stop);
};
