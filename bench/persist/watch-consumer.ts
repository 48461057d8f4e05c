import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "../../platform/messaging/connect.ts";
import type { ConsumerDefinition } from "../../contracts/streams.ts";

const POLL_MS = 10;
const WITHIN_MS = 90_000;

export type Reached = { readonly acknowledged: number; readonly at: number };

/**
 * Waits until a worker has acknowledged so many messages of its stream, and tells how many it were by then, and when.
 * @throws Error when that takes more than a minute and a half
 */
export const untilAcknowledged = async (
  { jsm }: Broker,
  { stream, name }: ConsumerDefinition,
  messages: number,
): Promise<Reached> => {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { delivered, num_ack_pending } = await jsm.consumers.info(stream, name);
    const acknowledged = delivered.stream_seq - num_ack_pending;
    if (acknowledged >= messages) return { acknowledged, at: performance.now() };
    if (Date.now() > deadline) {
      throw new Error(
        `${name} acknowledged ${acknowledged} of ${messages} messages within ${WITHIN_MS / 1_000} s`,
      );
    }
    await sleep(POLL_MS);
  }
};
