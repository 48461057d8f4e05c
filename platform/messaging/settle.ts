import type { Logger } from "../observability/logger.ts";
import type { Answers } from "./answers.ts";
import { causeOf } from "./cause.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { buryEvent } from "./dead-letter.ts";
import type { Delivery } from "./delivery.ts";
import type { Outcome } from "./outcome.ts";
import { storedIn } from "./place-in-stream.ts";
import type { PublishTiming } from "./publish-with-retry.ts";
import { retryDelay } from "./retry-schedule.ts";
import type { RetrySchedule } from "./retry-schedule.ts";

export type SettleDeps = {
  broker: Pick<Broker, "js">;
  logger: Logger;
  metrics: ConsumerMetrics;
  answers: Pick<Answers, "ack" | "nak" | "term">;
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
 * a dead letter, so that neither happens twice. Returns nothing where that is done at once.
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

  const settleFailed = async (delivery: Delivery, wished: readonly Outcome[]): Promise<void> => {
    const { sequence, attempt: attempts } = delivery;
    const firstFailure = firstFailureOf(sequence);
    const { deadLetterSubject: subject } = deps;
    const outcomes = wished.map((outcome) =>
      subject === undefined ? keep(deps, delivery, outcome) : giveUp(outcome, attempts, deps.maxAttempts),
    );
    const burials = outcomes.flatMap((outcome, line) =>
      outcome.kind === "dead" && subject !== undefined
        ? [bury(deps, subject, { delivery, line, outcome, firstFailure })]
        : [],
    );
    const buried = (await Promise.allSettled(burials)).every(({ status }) => status === "fulfilled");
    const delays = outcomes.flatMap((outcome) =>
      outcome.kind === "retry" ? [outcome.delayMs ?? retryDelay(deps.schedule, attempts)] : [],
    );
    if (!buried) delays.push(retryDelay(deps.schedule, attempts));
    if (delays.length > 0) {
      deps.answers.nak(delivery, Math.max(1, ...delays));
      return;
    }
    deps.answers.term(delivery);
    firstFailures.delete(sequence);
  };

  return (delivery: Delivery, outcomes: readonly Outcome[]): Promise<void> | void => {
    if (!outcomes.every(({ kind }) => kind === "done")) return settleFailed(delivery, outcomes);
    deps.answers.ack(delivery);
    if (firstFailures.size > 0) firstFailures.delete(delivery.sequence);
  };
};

const giveUp = (outcome: Outcome, attempts: number, maxAttempts: number): Outcome => {
  if (outcome.kind !== "retry" || attempts < maxAttempts) return outcome;
  return { ...outcome, kind: "dead", reason: `gave up after ${attempts} attempts: ${outcome.reason}` };
};

// Its own retries go on by the schedule; what is past help is looked at as seldom as the schedule allows.
const keep = (
  { logger, consumer, schedule }: SettleDeps,
  { sequence }: Delivery,
  outcome: Outcome,
): Outcome => {
  if (outcome.kind !== "dead") return outcome;
  const { reason, errorClass = "Refused" } = outcome;
  logger.error({ consumer, sequence, errorClass, reason }, "cannot be handled, and stays");
  return { kind: "retry", reason, errorClass, delayMs: schedule.capMs };
};

type DeadEvent = { delivery: Delivery; line: number; outcome: Dead; firstFailure: Date };

const bury = async (
  deps: SettleDeps,
  subject: string,
  { delivery, line, outcome: { reason, errorClass = "Refused" }, firstFailure }: DeadEvent,
): Promise<void> => {
  const { sequence, attempt: attempts } = delivery;
  const { stream } = storedIn(delivery.ackSubject);
  // Single events that were published together have the headers of the first.
  const ids = line === 0 ? causeOf(delivery)?.ids : undefined;
  const where = { ...ids, stream, sequence, line, attempts, errorClass };
  try {
    await buryEvent(
      deps.broker,
      subject,
      {
        delivery,
        line,
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
