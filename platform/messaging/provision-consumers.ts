import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { ConsumerConfig, JetStreamManager } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { ConsumerSpec } from "./definitions.ts";
import { isNotFound } from "./broker-errors.ts";
import { isAhead } from "./stands-ahead.ts";

/**
 * Most messages that may be delivered and not yet acknowledged, over all replicas of a worker: two batches in
 * the air and one being gathered, for eight replicas, each batch of 2,000 messages. In the largest batches of
 * single-event messages (see consumer-pipeline.ts) it is enough for one and a half; more of them are given less at a time.
 */
export const MAX_ACK_PENDING = 8 * 3 * 2_000;

/**
 * Makes the durable consumer as defined, or brings an existing one in line; one that stands beyond the end of its
 * stream, which lost messages in a crash, is made anew. Attempts are counted by the runner.
 */
export const ensureConsumer = async (jsm: JetStreamManager, spec: ConsumerSpec): Promise<void> => {
  const changeable = {
    ack_wait: nanos(spec.ackWaitMs),
    max_ack_pending: MAX_ACK_PENDING,
    max_deliver: -1,
    filter_subject: spec.filterSubject,
  };
  const found = await findConsumer(jsm, spec);
  const ahead = found !== undefined && (await isAhead(jsm, spec));
  if (ahead) await jsm.consumers.delete(spec.stream, spec.name);
  const existing = ahead ? undefined : found;
  if (!existing) {
    await jsm.consumers.add(spec.stream, {
      durable_name: spec.name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...changeable,
    });
    return;
  }
  const inLine = Object.entries(changeable).every(
    ([key, value]) => existing[key as keyof ConsumerConfig] === value,
  );
  if (!inLine) await jsm.consumers.update(spec.stream, spec.name, changeable);
};

const findConsumer = async (
  jsm: JetStreamManager,
  spec: ConsumerSpec,
): Promise<ConsumerConfig | undefined> => {
  try {
    return (await jsm.consumers.info(spec.stream, spec.name)).config;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
