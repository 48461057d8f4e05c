import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "@nats-io/jetstream";
import type { Logger } from "../observability/logger.ts";
import { createAnswers } from "./answers.ts";
import { createBatchGatherer } from "./batch-gatherer.ts";
import type { GathererOptions } from "./batch-gatherer.ts";
import { sendCommitNotice } from "./commit-notice.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { createDeadlineKeeper } from "./deadline-keeper.ts";
import type { ConsumerSpec } from "./definitions.ts";
import { toDelivery, toWholeDelivery } from "./delivery.ts";
import type { Delivery, Reader } from "./delivery.ts";
import { messagesAhead } from "./fetch-ahead.ts";
import type { Handler, Outcome } from "./outcome.ts";
import { RETRY_CAP_MS } from "./retry-schedule.ts";
import { patienceFor, pullMessages } from "./pull-messages.ts";
import type { Pulling } from "./pull-messages.ts";
import { readAgain } from "./read-again.ts";
import { runBatch } from "./run-batch.ts";
import { createSettle } from "./settle.ts";
import { watchForLoss } from "./watch-for-loss.ts";
import { watchLag } from "./watch-lag.ts";
import { createWitnesses } from "./witnesses.ts";

export type ConsumerRun<Event> = Reader<Event> & {
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
// A larger batch merges more events into each daily total. It costs PostgreSQL so much CPU an event, of 2,000 people:
// 14.4 µs in batches of 1,000, 12.4 of 2,500, 11.0 of 5,000, 10.4 of 8,000. What is held for it costs the worker memory,
// and much larger ones would not fit into what PostgreSQL sorts and keeps without its disk (work_mem).
// With one batch in the air PostgreSQL waits while the next is decoded (6 to 12 % fewer events a second); with three
// each is smaller (5 % more CPU an event).
const DEFAULT_BATCH: GathererOptions = { events: 5_000, maxEvents: 10_000, lingerMs: 50, maxInAir: 2 };

/**
 * The one loop behind every worker: pulls messages, gathers their events into batches, runs the handler, and settles
 * every message by its events' outcomes. Survives restarts of the broker and the deletion of stream or consumer.
 */
export const runConsumer = <Event>(
  deps: { broker: Broker; logger: Logger; metrics: ConsumerMetrics },
  run: ConsumerRun<Event>,
): RunningConsumer => {
  const { broker, logger, metrics } = deps;
  const { stream, name, filterSubject, ackWaitMs } = run.consumer;
  const stopping = new AbortController();
  const answers = createAnswers(broker.nc);
  const settle = createSettle({
    ...deps,
    answers,
    consumer: name,
    deadLetterSubject: run.deadLetterSubject,
    schedule: { baseMs: run.retryBaseMs, capMs: Math.max(RETRY_CAP_MS, run.retryBaseMs) },
    maxAttempts: run.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
  });
  const batchDeps = {
    logger,
    metrics,
    consumer: name,
    decode: run.decode,
    readPlain: run.readPlain,
    handle: run.handle,
    settle,
    answers,
    notify: (delivery: Delivery, outcomes: readonly Outcome[]) =>
      sendCommitNotice(broker.nc, delivery, outcomes),
    stopping: stopping.signal,
  };
  const deadlines = createDeadlineKeeper<Delivery>(ackWaitMs, answers.working);
  const gatherer = createBatchGatherer<Delivery>(
    (deliveries) => runBatch(batchDeps, deliveries).finally(() => deadlines.release(deliveries)),
    { ...DEFAULT_BATCH, ...run.batch },
  );
  const puller = {
    filterSubject,
    gatherer,
    deadlines,
    answers,
    patienceMs: patienceFor(ackWaitMs),
    stopping: stopping.signal,
  };
  const read = run.takes === "messages" ? toWholeDelivery : toDelivery;
  const witnesses = createWitnesses();
  let pulling: Pulling | undefined;

  const consumeOnce = async (): Promise<void> => {
    await run.ensure();
    const consumer = await broker.js.consumers.get(stream, name);
    pulling = pullMessages(puller, consumer, await messagesAhead(broker.jsm, stream), (message) => {
      const delivery = read(message);
      witnesses.delivered(delivery);
      return delivery;
    });
    if (stopping.signal.aborted) pulling.stop();
    await pulling.ended;
  };

  let readingAgain: Promise<void> | undefined;
  const readOnceMore = (): Promise<void> => {
    const pull = async (consumer: Consumer): Promise<Pulling> =>
      pullMessages(puller, consumer, await messagesAhead(broker.jsm, stream), read);
    readingAgain = readAgain(broker, run.consumer, pull, stopping.signal);
    return readingAgain;
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
  const stopWatching = [
    watchLag(broker, run.consumer, metrics),
    watchForLoss({ broker, consumer: run.consumer, witnesses, readAgain: readOnceMore, logger }),
    witnesses.stop,
  ];
  return {
    stop: async () => {
      for (const stop of stopWatching) stop();
      stopping.abort(new Error("stopping"));
      pulling?.stop();
      await Promise.allSettled([consuming, readingAgain]);
      await gatherer.finish();
      deadlines.stop();
      if (broker.connected()) await broker.nc.flush();
    },
  };
};
