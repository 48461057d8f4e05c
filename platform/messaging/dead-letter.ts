import { headers } from "@nats-io/nats-core";
import type { MsgHdrs } from "@nats-io/nats-core";
import type { Broker } from "./connect.ts";
import { publishWithRetry } from "./publish-with-retry.ts";
import type { PublishTiming } from "./publish-with-retry.ts";
import { linesOf } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { headersOf } from "./headers-of.ts";
import { storedIn } from "./place-in-stream.ts";

export type DeadLetterHeader =
  | "Dead-Letter-Error-Class"
  | "Dead-Letter-Error-Message"
  | "Dead-Letter-Attempts"
  | "Dead-Letter-Stream"
  | "Dead-Letter-Consumer"
  | "Dead-Letter-Subject"
  | "Dead-Letter-Sequence"
  | "Dead-Letter-Line"
  | "Dead-Letter-First-Failure"
  | "Dead-Letter-Last-Failure";

/** The event's own headers travel under this prefix: `Nats-Msg-Id` and its like would steer the broker. */
export const ORIGINAL_HEADER_PREFIX = "Original-";

export type Burial = {
  delivery: Delivery;
  /** Which of its events, from 0. */
  line: number;
  /** Which worker's, whatever the consumer is called that brought the message. */
  consumer: string;
  reason: string;
  errorClass: string;
  attempts: number;
  firstFailure: Date;
  lastFailure: Date;
};

/**
 * Publishes one event, byte for byte, to the dead letters, and waits until it is stored. Its message id comes from
 * when it was stored in the stream, so that burying it again stores nothing new.
 */
export const buryEvent = async (
  broker: Pick<Broker, "js">,
  subject: string,
  burial: Burial,
  timing?: PublishTiming,
): Promise<void> => {
  const { delivery, line } = burial;
  const { stream, timestampNanos } = storedIn(delivery.ackSubject);
  await publishWithRetry(
    broker,
    {
      subject,
      body: linesOf(delivery)[line] ?? delivery.body,
      // The time in nanoseconds, and not the sequence number: copies of a stream may differ in that (watch-for-loss.ts).
      messageId: `dead:${stream}:${burial.consumer}:${timestampNanos}:${line}`,
      headers: describe(burial),
    },
    timing,
  );
};

const describe = ({
  delivery,
  line,
  consumer,
  reason,
  errorClass,
  attempts,
  firstFailure,
  lastFailure,
}: Burial): MsgHdrs => {
  const described = headers();
  const set = (name: DeadLetterHeader, value: string): void => described.set(name, oneLine(value));
  set("Dead-Letter-Error-Class", errorClass);
  set("Dead-Letter-Error-Message", reason);
  set("Dead-Letter-Attempts", String(attempts));
  set("Dead-Letter-Stream", storedIn(delivery.ackSubject).stream);
  set("Dead-Letter-Consumer", consumer);
  set("Dead-Letter-Subject", delivery.subject);
  set("Dead-Letter-Sequence", String(delivery.sequence));
  set("Dead-Letter-Line", String(line));
  set("Dead-Letter-First-Failure", firstFailure.toISOString());
  set("Dead-Letter-Last-Failure", lastFailure.toISOString());
  for (const [name, values] of headersOf(delivery) ?? [])
    for (const value of values) described.append(ORIGINAL_HEADER_PREFIX + name, oneLine(value));
  return described;
};

// A header value cannot hold a line break, and an error message may be of any length.
const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, " ").slice(0, 500);
