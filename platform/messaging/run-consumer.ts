import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerMessages } from "@nats-io/jetstream";
import type { Logger } from "../observability/logger.ts";
import { createBatchGatherer } from "./batch-gatherer.ts";
import type { GathererOptions } from "./batch-gatherer.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { ConsumerSpec } from "./definitions.ts";
import { toDelivery, toWholeDelivery } from "./delivery.ts";
import type { Decode, Delivery } from "./delivery.ts";
import type { Handler } from "./outcome.ts";
import { RETRY_CAP_MS } from "./retry-schedule.ts";
import { runBatch } from "./run-batch.ts";
import { createSettle } from "./settle.ts";
import { watchLag } from "./watch-lag.ts";

export type ConsumerRun<Event> = {
  consumer: ConsumerSpec;
  /**
   * Where dead events go: `dead-letters.<STREAM>`. Undefined for the dead letters themselves: one that cannot be
   * handled stays in its stream and is tried again without end, for burying it would bring it back as another.
   */
  deadLetterSubject: string | undefined;
  /** What `decode` is given: the JSON of each line, or each message as it is. */
  takes?: "lines" | "messages";
  /** Makes the stream, the dead letters' stream and the consumer where one is missing. */
  ensure: () => Promise<void>;
  decode: Decode<Event>;
  handle: Handler<Event>;
  retryBaseMs: number;
  /** Deliveries after which an event that still wants a retry goes to the dead letters. */
  maxAttempts?: number;
  batch?: Partial<GathererOptions>;
};

export type RunningConsumer = {
  /** Takes nothing new, finishes what is in hand, and sends the acknowledgements. */
  stop: () => Promise<void>;
};

const DEFAULT_MAX_ATTEMPTS = 10;
const DEFAULT_BATCH: GathererOptions = { events: 500, maxEvents: 2_000, lingerMs: 50, maxInAir: 2 };
// Kept ready on this side, so that a batch fills without a round trip to the broker.
const PREFETCH_MESSAGES = 1_000;
// A consumer that is gone, or a broker gone silent, is noticed after two missed heartbeats: half of this each.
const PULL_EXPIRES_MS = 5_000;

/**
 * The one loop behind every worker: pulls messages, gathers their events into batches, runs the handler, and settles
 * every message by its events' outcomes. Survives restarts of the broker and the deletion of stream or consumer.
 */
export const runConsumer = <Event>(
  deps: { broker: Broker; logger: Logger; metrics: ConsumerMetrics },
  run: ConsumerRun<Event>,
): RunningConsumer => {
  const { broker, logger, metrics } = deps;
  const { stream, name, ackWaitMs } = run.consumer;
  const stopping = new AbortController();
  const settle = createSettle({
    ...deps,
    consumer: name,
    deadLetterSubject: run.deadLetterSubject,
    schedule: { baseMs: run.retryBaseMs, capMs: Math.max(RETRY_CAP_MS, run.retryBaseMs) },
    maxAttempts: run.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
  });
  const batchDeps = {
    logger,
    metrics,
    consumer: name,
    ackWaitMs,
    decode: run.decode,
    handle: run.handle,
    settle,
    stopping: stopping.signal,
  };
  const gatherer = createBatchGatherer<Delivery>((deliveries) => runBatch(batchDeps, deliveries), {
    ...DEFAULT_BATCH,
    ...run.batch,
  });
  const take = run.takes === "messages" ? toWholeDelivery : toDelivery;
  let messages: ConsumerMessages | undefined;

  const consumeOnce = async (): Promise<void> => {
    await run.ensure();
    const consumer = await broker.js.consumers.get(stream, name);
    messages = await consumer.consume({
      max_messages: PREFETCH_MESSAGES,
      expires: PULL_EXPIRES_MS,
      abort_on_missing_resource: true,
    });
    if (stopping.signal.aborted) messages.stop();
    for await (const message of messages) {
      // What was fetched ahead is for another worker now.
      if (stopping.signal.aborted) {
        message.nak();
        continue;
      }
      const waiting = gatherer.add(take(message));
      if (!waiting) continue;
      const since = performance.now();
      await waiting;
      // What was fetched ahead is due for redelivery, and the library, which takes a reader that pauses for a broker
      // gone silent, has lined up a pull for every few seconds of it: start afresh instead of asking for all that.
      if (performance.now() - since > ackWaitMs) break;
    }
  };

  const consumeForEver = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await consumeOnce();
      } catch (error) {
        logger.warn({ err: error, consumer: name }, "consuming interrupted: starting again");
      }
      await sleep(100 + Math.random() * 400, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  const consuming = consumeForEver();
  const stopWatching = watchLag(broker, run.consumer, metrics);
  return {
    stop: async () => {
      stopWatching();
      stopping.abort(new Error("stopping"));
      messages?.stop();
      await consuming;
      await gatherer.finish();
      if (broker.connected()) await broker.nc.flush();
    },
  };
};
