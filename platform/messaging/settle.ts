import type { JsMsg } from "@nats-io/jetstream";
import type { Logger } from "../observability/logger.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { buryEvent } from "./dead-letter.ts";
import type { Slot } from "./delivery.ts";
import type { Outcome } from "./outcome.ts";
import type { PublishTiming } from "./publish-with-retry.ts";
import { retryDelay } from "./retry-schedule.ts";
import type { RetrySchedule } from "./retry-schedule.ts";

export type SettleDeps = {
  broker: Pick<Broker, "js">;
  logger: Logger;
  metrics: ConsumerMetrics;
  acknowledge: (message: JsMsg) => void;
  consumer: string;
  /** Undefined: nothing is ever buried. */
  deadLetterSubject: string | undefined;
  schedule: RetrySchedule;
  maxAttempts: number;
  timing?: PublishTiming;
};

type Dead = Extract<Outcome, { kind: "dead" }>;

// Enough to remember whatever can be waiting for a retry; what is forgotten falls back to the latest failure.
const REMEMBERED_FAILURES = 50_000;

/**
 * Makes the function that ends the delivery of a message once every event in it has an outcome. All done: ack. Some
 * dead: each of them to the dead letters, and term when that is acknowledged. Some to be retried: the whole message
 * comes again after a delay; its other events are told apart by their identity, and the broker by the message id of
 * a dead letter, so that neither happens twice.
 */
export const createSettle = (deps: SettleDeps) => {
  const firstFailures = new Map<number, Date>();

  const firstFailureOf = (sequence: number): Date => {
    const known = firstFailures.get(sequence);
    if (known) return known;
    const now = new Date();
    if (firstFailures.size < REMEMBERED_FAILURES) firstFailures.set(sequence, now);
    return now;
  };

  const settleFailed = async (slots: Slot[]): Promise<void> => {
    const { message, sequence, attempt: attempts } = slots[0]!.delivery;
    const firstFailure = firstFailureOf(sequence);
    const outcomes = slots.map((slot) => ({
      slot,
      outcome:
        deps.deadLetterSubject === undefined
          ? keep(deps, slot)
          : giveUp(slot.outcome, attempts, deps.maxAttempts),
    }));
    const burials = outcomes.flatMap(({ slot, outcome }) =>
      outcome?.kind === "dead" ? [bury(deps, slot, outcome, attempts, firstFailure)] : [],
    );
    const buried = (await Promise.allSettled(burials)).every(({ status }) => status === "fulfilled");
    const delays = outcomes.flatMap(({ outcome }) =>
      outcome?.kind === "retry" ? [outcome.delayMs ?? retryDelay(deps.schedule, attempts)] : [],
    );
    if (!buried) delays.push(retryDelay(deps.schedule, attempts));
    if (delays.length > 0) {
      message.nak(Math.max(1, ...delays));
      return;
    }
    // A reason would make NATS 2.9 ignore it and deliver again.
    message.term();
    firstFailures.delete(sequence);
  };

  return async (slots: Slot[]): Promise<void> => {
    if (slots.some((slot) => slot.outcome?.kind !== "done")) {
      await settleFailed(slots);
      return;
    }
    const { message, sequence } = slots[0]!.delivery;
    deps.acknowledge(message);
    if (firstFailures.size > 0) firstFailures.delete(sequence);
  };
};

const giveUp = (outcome: Outcome | undefined, attempts: number, maxAttempts: number): Outcome | undefined => {
  if (outcome?.kind !== "retry" || attempts < maxAttempts) return outcome;
  return { ...outcome, kind: "dead", reason: `gave up after ${attempts} attempts: ${outcome.reason}` };
};

// Its own retries go on by the schedule; what is past help is looked at as seldom as the schedule allows.
const keep = (
  { logger, consumer, schedule }: SettleDeps,
  { delivery, outcome }: Slot,
): Outcome | undefined => {
  if (outcome?.kind !== "dead") return outcome;
  const { reason, errorClass = "Refused" } = outcome;
  const { streamSequence } = delivery.message.info;
  logger.error({ consumer, sequence: streamSequence, errorClass, reason }, "cannot be handled, and stays");
  return { kind: "retry", reason, errorClass, delayMs: schedule.capMs };
};

const bury = async (
  deps: SettleDeps,
  slot: Slot,
  { reason, errorClass = "Refused" }: Dead,
  attempts: number,
  firstFailure: Date,
): Promise<void> => {
  const { info } = slot.delivery.message;
  const where = { stream: info.stream, sequence: info.streamSequence, line: slot.line, attempts, errorClass };
  try {
    await buryEvent(
      deps.broker,
      deps.deadLetterSubject!,
      {
        slot,
        consumer: deps.consumer,
        reason,
        errorClass,
        attempts,
        firstFailure,
        lastFailure: new Date(),
      },
      deps.timing,
    );
  } catch (error) {
    deps.logger.error(
      { err: error, ...where },
      "could not move an event to the dead letters: it will come again",
    );
    throw error;
  }
  deps.metrics.deadLetters.inc({ consumer: deps.consumer, error_class: errorClass });
  deps.logger.warn(where, "event moved to the dead letters");
};
