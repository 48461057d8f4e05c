import { setTimeout as sleep } from "node:timers/promises";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { classifyPublishError } from "./broker-errors.ts";
import { retryDelay } from "./retry-schedule.ts";
import type { Random } from "./retry-schedule.ts";

export type OutgoingMessage = {
  subject: string;
  body: Uint8Array | string;
  /** The same over all attempts: the broker stores the message once. */
  messageId: string;
  headers: MsgHdrs;
};

export type PublishTiming = {
  /** How long one attempt waits for the acknowledgement, in ms. */
  attemptMs: number;
  /** No attempt starts after so long, in ms; the last one may take its whole time. */
  budgetMs: number;
};

/** What publishes and awaits the acknowledgement: the library's client, or an inbox of our own. */
export type StreamPublisher = {
  publish: (
    subject: string,
    body: Uint8Array | string,
    options: { headers: MsgHdrs; timeout: number },
  ) => Promise<unknown>;
};

/** Attempts of 1.5 s; in all at least 6 s and less than 9 s. */
export const PUBLISH_TIMING: PublishTiming = { attemptMs: 1_500, budgetMs: 7_300 };

const PAUSE = { baseMs: 50, capMs: 400 };

/**
 * Publishes one message until the broker has acknowledged it, under one message id.
 * @throws the last error when the broker refuses it, its stream is full, or the time is over
 */
export const publishWithRetry = async (
  { js }: { js: StreamPublisher },
  message: OutgoingMessage,
  timing: PublishTiming = PUBLISH_TIMING,
  random: Random = Math.random,
): Promise<void> => {
  const started = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      await js.publish(message.subject, message.body, {
        headers: withId(message),
        timeout: timing.attemptMs,
      });
      return;
    } catch (error) {
      const pause = 20 + retryDelay(PAUSE, attempt, random);
      const late = performance.now() - started + pause > timing.budgetMs;
      if (late || classifyPublishError(error) !== "retryable") throw error;
      await sleep(pause);
    }
  }
};

// The id comes first: NATS 2.9 looks no further than the first place that reads "Nats-Msg-Id", and a dead letter's
// `Original-Nats-Msg-Id` is one.
const withId = ({ messageId, headers: given }: OutgoingMessage): MsgHdrs => {
  const sent = headers();
  sent.set("Nats-Msg-Id", messageId);
  for (const [name, values] of given) for (const value of values) sent.append(name, value);
  return sent;
};
