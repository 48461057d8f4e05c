import type { NatsConnection } from "@nats-io/nats-core";

/** Plain NATS, stored nowhere: a signal that gets lost costs one poll interval. */
const OUTBOX_WAKE_SUBJECT = "outbox.wake";

/**
 * Tells the relay that there is something in the outbox. To be called after the writing transaction has committed;
 * never waits and never throws, for the relay polls besides.
 */
export const wakeOutbox = (nc: Pick<NatsConnection, "publish" | "isClosed">): void => {
  try {
    if (!nc.isClosed()) nc.publish(OUTBOX_WAKE_SUBJECT);
  } catch {
    // Closing just now; the relay's poll finds the rows.
  }
};

/** Calls back on every signal. Returns what ends it. */
export const onOutboxWake = (nc: NatsConnection, wake: () => void): (() => void) => {
  const subscription = nc.subscribe(OUTBOX_WAKE_SUBJECT, { callback: () => wake() });
  return () => subscription.unsubscribe();
};
