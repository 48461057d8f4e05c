import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { Consumer } from "@nats-io/jetstream";
import { nanos, nuid } from "@nats-io/nats-core";
import type { Broker } from "./connect.ts";
import type { ConsumerSpec } from "./definitions.ts";
import { MAX_ACK_PENDING } from "./provision-consumers.ts";
import type { Pulling } from "./pull-messages.ts";

const LOOK_EVERY_MS = 500;
// While batches are held nobody pulls.
const FORGOTTEN_AFTER_MS = 15 * 60 * 1_000;

/**
 * Brings what the stream holds now to its worker once more, through a consumer that lasts no longer than this. It asks
 * for acknowledgements, so that whatever fails is tried again and buried by the same rules as ever.
 * @throws what the broker answers when the consumer is lost; nothing is known then of how far it came
 */
export const readAgain = async (
  { js, jsm }: Pick<Broker, "js" | "jsm">,
  { stream, name, filterSubject, ackWaitMs }: ConsumerSpec,
  pull: (consumer: Consumer) => Promise<Pulling>,
  stopping: AbortSignal,
): Promise<void> => {
  // What is published meanwhile comes by the worker's own consumer.
  const end = (await jsm.streams.info(stream)).state.last_seq;
  const info = await jsm.consumers.add(stream, {
    name: `${name}-again-${nuid.next()}`,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: MAX_ACK_PENDING,
    deliver_policy: DeliverPolicy.All,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    mem_storage: true,
    num_replicas: 1,
  });
  const isRead = async (): Promise<boolean> => {
    const { num_pending, num_ack_pending, ack_floor } = await jsm.consumers.info(stream, info.name);
    return ack_floor.stream_seq >= end || num_pending + num_ack_pending === 0;
  };
  const reader = js.consumers.getConsumerFromInfo(info);
  try {
    while (!(await isRead())) {
      stopping.throwIfAborted();
      const pulling = await pull(reader);
      const looking = stopWhenRead(pulling, isRead, stopping);
      await pulling.ended.finally(() => looking.abort());
    }
  } finally {
    await jsm.consumers.delete(stream, info.name).catch(() => false);
  }
};

const stopWhenRead = (
  pulling: Pulling,
  isRead: () => Promise<boolean>,
  stopping: AbortSignal,
): AbortController => {
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    while (!ended.signal.aborted && !stopping.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal });
      // Without an answer there is none to be had of the pulling either: it notices by itself.
      if (await isRead().catch(() => false)) break;
    }
    pulling.stop();
  };
  look().catch(() => {});
  return ended;
};
