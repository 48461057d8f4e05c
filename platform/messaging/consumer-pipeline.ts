import { createAnswers } from "./answers.ts";
import { createBatchGatherer } from "./batch-gatherer.ts";
import type { GathererOptions } from "./batch-gatherer.ts";
import { sendCommitNotice } from "./commit-notice.ts";
import type { ConsumerDeps, ConsumerRun } from "./consumer-run.ts";
import { createDeadlineKeeper } from "./deadline-keeper.ts";
import type { Delivery } from "./delivery.ts";
import { patienceFor } from "./pull-messages.ts";
import type { PullDeps } from "./pull-messages.ts";
import { RETRY_CAP_MS } from "./retry-schedule.ts";
import { runBatch } from "./run-batch.ts";
import type { BatchDeps } from "./run-batch.ts";
import { createSettle } from "./settle.ts";

/** What the messages of a consumer pass through, from where they come in until the broker has its answer. */
export type Pipeline = {
  readonly entrance: PullDeps;
  /** Runs what has come in to its end. */
  readonly finish: () => Promise<void>;
};

const DEFAULT_MAX_ATTEMPTS = 10;
// A larger batch merges more events into each daily total. It costs PostgreSQL so much CPU an event, of 2,000 people:
// 14.4 µs in batches of 1,000, 12.4 of 2,500, 11.0 of 5,000, 10.4 of 8,000. What is held for it costs the worker memory,
// and much larger ones would not fit into what PostgreSQL sorts and keeps without its disk (work_mem).
// With one batch in the air PostgreSQL waits while the next is decoded (6 to 12 % fewer events a second); with three
// each is smaller (5 % more CPU an event).
const DEFAULT_BATCH: GathererOptions = { events: 5_000, maxEvents: 10_000, lingerMs: 50, maxInAir: 2 };

/**
 * Gathers deliveries into batches, runs each through the handler and settles its messages; their ack deadlines are
 * extended for as long as they are in here.
 * @param stopping aborted when the process is about to stop
 */
export const createPipeline = <Event>(
  { broker, logger, metrics }: ConsumerDeps,
  run: ConsumerRun<Event>,
  stopping: AbortSignal,
): Pipeline => {
  const { name: consumer, filterSubject, ackWaitMs } = run.consumer;
  const answers = createAnswers(broker.nc);
  const settle = createSettle({
    broker,
    logger,
    metrics,
    answers,
    consumer,
    deadLetterSubject: run.deadLetterSubject,
    schedule: { baseMs: run.retryBaseMs, capMs: Math.max(RETRY_CAP_MS, run.retryBaseMs) },
    maxAttempts: run.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
  });
  const batch: BatchDeps<Event> = {
    logger,
    metrics,
    consumer,
    decode: run.decode,
    readPlain: run.readPlain,
    handle: run.handle,
    settle,
    answers,
    notify: (delivery, outcomes) => sendCommitNotice(broker.nc, delivery, outcomes),
    stopping,
  };
  const deadlines = createDeadlineKeeper<Delivery>(ackWaitMs, answers.working);
  const gatherer = createBatchGatherer<Delivery>(
    (deliveries) => runBatch(batch, deliveries).finally(() => deadlines.release(deliveries)),
    { ...DEFAULT_BATCH, ...run.batch },
  );
  return {
    entrance: {
      filterSubject,
      gatherer,
      deadlines,
      answers,
      patienceMs: patienceFor(ackWaitMs),
      stopping,
    },
    finish: async () => {
      await gatherer.finish();
      deadlines.stop();
    },
  };
};
