import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import type { Logger } from "../observability/logger.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerSpec } from "./definitions.ts";

const INTERVAL_MS = 2_000;
const CONFIRM_EVERY_MS = 1_000;
// How often a loss is looked at again before it is believed. A broker that is alone knows what it has once it answers.
// In a cluster a new leader may for many seconds not have applied what its followers know already, and a consumer that
// is deleted and made anew meanwhile can come back in its old shape with a member that was away (seen with 2.9.10: it
// passed over what came next). Whoever stands ahead in earnest gets nothing, so that waiting costs nothing.
const CONFIRMATIONS = { alone: 1, cluster: 30 };
// The two times of one message are rounded differently.
const SAME_TIME_MS = 1;

/** The newest message that was delivered: by its sequence number, with its time. */
export type Newest = Pick<JsMsg, "seq" | "info">;

type Watched = Pick<ConsumerSpec, "stream" | "name">;

/**
 * True when the consumer stands where the stream has not been yet: the machine of the broker crashed, and took with
 * it messages that were not on the disk, but not the consumer's position. What is published next would get the lost
 * messages' sequence numbers and count as delivered already.
 */
export const isAhead = (jsm: JetStreamManager, consumer: Watched): Promise<boolean> =>
  isConfirmed(jsm, consumer.stream, () => standsAhead(jsm, consumer));

const isConfirmed = async (
  jsm: JetStreamManager,
  stream: string,
  looksLost: () => Promise<boolean>,
): Promise<boolean> => {
  if (!(await looksLost())) return false;
  const { config } = await jsm.streams.info(stream);
  for (let left = config.num_replicas > 1 ? CONFIRMATIONS.cluster : CONFIRMATIONS.alone; left > 0; left--) {
    await sleep(CONFIRM_EVERY_MS);
    if (!(await looksLost())) return false;
  }
  return true;
};

const standsAhead = async (jsm: JetStreamManager, { stream, name }: Watched): Promise<boolean> => {
  const { delivered } = await jsm.consumers.info(stream, name);
  // Asked second: a stream that grows meanwhile is never behind what was delivered before.
  const { state } = await jsm.streams.info(stream);
  return delivered.stream_seq > state.last_seq;
};

/**
 * Deletes the consumer when its stream lost messages that it had delivered; whoever runs it makes it anew, and
 * everything in the stream is read again, without a second effect.
 * @param newest the newest message that was delivered here, if any: another one in its place proves the loss, also
 *   when the stream has grown past it again
 */
export const rewindConsumer = async (
  { jsm }: Pick<Broker, "jsm">,
  consumer: Watched,
  newest: Newest | undefined,
  logger: Logger,
): Promise<boolean> => {
  const { stream, name } = consumer;
  const isLost = async (): Promise<boolean> =>
    (await standsAhead(jsm, consumer)) || (await isReplaced(jsm, stream, newest));
  if (!(await isConfirmed(jsm, stream, isLost))) return false;
  logger.error(
    { stream, consumer: name, sequence: newest?.seq },
    "the broker has lost messages that it had delivered: reading its stream again from the beginning",
  );
  await jsm.consumers.delete(stream, name);
  return true;
};

const isReplaced = async (
  jsm: JetStreamManager,
  stream: string,
  newest: Newest | undefined,
): Promise<boolean> => {
  if (!newest) return false;
  // Gone by age or purged, it proves nothing.
  const stored = await jsm.streams.getMessage(stream, { seq: newest.seq });
  return stored !== null && Math.abs(stored.time.getTime() - newest.info.timestampNanos / 1e6) > SAME_TIME_MS;
};

export type LossWatch = {
  /** To be told of every message that is delivered. */
  delivered: (message: Newest) => void;
  stop: () => void;
};

/**
 * After each loss of the connection, which any loss of messages begins with, looks whether the stream still holds what
 * it has delivered, and rewinds the consumer if not.
 */
export const watchForLoss = (
  broker: Pick<Broker, "jsm" | "connected" | "nc">,
  consumer: Watched,
  logger: Logger,
  intervalMs = INTERVAL_MS,
): LossWatch => {
  let newest: Newest | undefined;
  let suspicion: { witness: Newest | undefined } | undefined;
  let asking = false;

  const suspect = async (): Promise<void> => {
    for await (const { type } of broker.nc.status())
      if (type === "disconnect") suspicion ??= { witness: newest };
  };
  const ask = async (): Promise<void> => {
    if (asking || !suspicion || !broker.connected()) return;
    asking = true;
    const { witness } = suspicion;
    try {
      if (await rewindConsumer(broker, consumer, witness, logger)) newest = undefined;
      suspicion = undefined;
    } catch {
      // No leader yet, or the consumer is gone, which the runner notices: asked again in a moment.
    } finally {
      asking = false;
    }
  };
  void suspect();
  const timer = setInterval(() => void ask(), intervalMs);
  return {
    delivered: (message) => {
      if (!newest || message.seq > newest.seq) newest = message;
    },
    stop: () => clearInterval(timer),
  };
};
