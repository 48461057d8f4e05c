import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../observability/logger.ts";
import { errorClassOf } from "./classify-error.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { Answers } from "./answers.ts";
import { allOutcomes, decodeBatch } from "./delivery.ts";
import type { Delivery, Reader } from "./delivery.ts";
import { runIsolated } from "./isolate.ts";
import type { Handler, Outcome } from "./outcome.ts";
import { retryDelay } from "./retry-schedule.ts";

export type BatchDeps<Event> = Reader<Event> & {
  logger: Logger;
  metrics: ConsumerMetrics;
  consumer: string;
  handle: Handler<Event>;
  settle: (delivery: Delivery, outcomes: readonly Outcome[]) => Promise<void> | void;
  answers: Pick<Answers, "nak">;
  /** Tells whoever asked what became of a message's events, when their effects are there to be seen. */
  notify?: (delivery: Delivery, outcomes: readonly Outcome[]) => void;
  /** Aborted when the process is about to stop. */
  stopping: AbortSignal;
};

// A server that is away is asked again soon, and no longer than every few seconds.
const HOLD = { baseMs: 250, capMs: 5_000 };

/** Brings a batch from its bytes to settled messages. Never throws: what cannot be settled will be delivered again. */
export const runBatch = async <Event>(deps: BatchDeps<Event>, deliveries: Delivery[]): Promise<void> => {
  const started = performance.now();
  const { consumer, metrics, logger } = deps;
  const redelivered = deliveries.filter(({ attempt }) => attempt > 1).length;
  let outcomes: Outcome[];
  try {
    // Read again for each attempt: a batch may be in the database, or waiting for it, for long.
    let unread: (Outcome | undefined)[] = [];
    const handled = await handleUntilServersAreBack(deps, () => {
      const decoded = decodeBatch(deliveries, deps);
      unread = decoded.unread;
      return decoded.events;
    });
    outcomes = allOutcomes(unread, handled);
    await settleEach(deps, deliveries, outcomes);
  } catch (error) {
    logger.error({ err: error, messages: deliveries.length }, "batch given back to the broker");
    // Those that have ended already are not told of again.
    for (const delivery of deliveries) deps.answers.nak(delivery, 1_000);
    return;
  }
  const counts = countOutcomes(outcomes);
  for (const [outcome, count] of Object.entries(counts)) metrics.events.inc({ consumer, outcome }, count);
  metrics.redeliveries.inc({ consumer }, redelivered);
  const total = counts.done + counts.retry + counts.dead;
  metrics.batchSize.observe({ consumer }, total);
  const elapsed = performance.now() - started;
  metrics.duration.observe({ consumer }, elapsed / 1000);
  logger.info(
    { consumer, messages: deliveries.length, ...counts, redelivered, ms: Math.round(elapsed * 10) / 10 },
    "batch",
  );
};

const settleEach = async <Event>(
  { settle, notify }: BatchDeps<Event>,
  deliveries: readonly Delivery[],
  outcomes: readonly Outcome[],
): Promise<void> => {
  let settled = 0;
  for (const delivery of deliveries) {
    const own = outcomes.slice(settled, settled + delivery.size);
    const settling = settle(delivery, own);
    // Nearly all are settled at once: a promise for each of them would cost more than that.
    if (settling) await settling;
    notify?.(delivery, own);
    settled += delivery.size;
  }
};

/**
 * While a server that the handler needs is away, the batch is held in hand and tried again: nothing in it is to
 * blame, so it costs no attempt, however long it takes. It counts as held until it is through, also while it is tried:
 * where connections hang instead of being refused, the trying takes longer than the pauses.
 */
const handleUntilServersAreBack = async <Event>(
  deps: BatchDeps<Event>,
  read: () => Event[],
): Promise<Outcome[]> => {
  const { logger, metrics, consumer, stopping } = deps;
  try {
    return await handleOnce(deps, read);
  } catch (error) {
    stopping.throwIfAborted();
    logger.warn({ err: error, consumer }, "batch held: server away");
  }
  metrics.held.inc({ consumer });
  try {
    return await tryAgain(deps, read);
  } finally {
    metrics.held.dec({ consumer });
  }
};

const tryAgain = async <Event>(deps: BatchDeps<Event>, read: () => Event[]): Promise<Outcome[]> => {
  for (let attempt = 1; ; attempt++) {
    await sleep(20 + retryDelay(HOLD, attempt), undefined, { signal: deps.stopping });
    try {
      return await handleOnce(deps, read);
    } catch {
      deps.stopping.throwIfAborted();
    }
  }
};

const handleOnce = <Event>(
  { logger, consumer, handle }: BatchDeps<Event>,
  read: () => Event[],
): Promise<Outcome[]> =>
  runIsolated(read, handle, (error, size) => {
    const level = size === 1 ? "warn" : "debug";
    logger[level]({ consumer, errorClass: errorClassOf(error), size }, "isolating what the handler refuses");
  });

const countOutcomes = (outcomes: readonly Outcome[]): Record<Outcome["kind"], number> => {
  const counts = { done: 0, retry: 0, dead: 0 };
  for (const { kind } of outcomes) counts[kind] += 1;
  return counts;
};
