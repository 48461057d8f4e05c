import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager } from "@nats-io/jetstream";
import type { ConsumerSpec } from "./definitions.ts";

const CONFIRM_EVERY_MS = 1_000;
// How often it is looked at again before it is believed. A broker that is alone knows what it has once it answers. In a
// cluster a new leader may for many seconds not have applied what its followers know already, and a consumer that is
// deleted and made anew meanwhile can come back in its old shape with a member that was away (seen with 2.9.10: it
// passed over what came next). Whoever stands ahead in earnest gets nothing, so that waiting costs nothing.
const CONFIRMATIONS = { alone: 1, cluster: 30 };

type Watched = Pick<ConsumerSpec, "stream" | "name">;

/**
 * True when the consumer stands where the stream has not been yet: the machine of the broker crashed, and took with
 * it messages that were not on the disk, but not the consumer's position. What is published next would get the lost
 * messages' sequence numbers and count as delivered already.
 */
export const isAhead = async (jsm: JetStreamManager, consumer: Watched): Promise<boolean> => {
  if (!(await standsAhead(jsm, consumer))) return false;
  const { config } = await jsm.streams.info(consumer.stream);
  for (let left = config.num_replicas > 1 ? CONFIRMATIONS.cluster : CONFIRMATIONS.alone; left > 0; left--) {
    await sleep(CONFIRM_EVERY_MS);
    if (!(await standsAhead(jsm, consumer))) return false;
  }
  return true;
};

const standsAhead = async (jsm: JetStreamManager, { stream, name }: Watched): Promise<boolean> => {
  const { delivered } = await jsm.consumers.info(stream, name);
  // Asked second: a stream that grows meanwhile is never behind what was delivered before.
  const { state } = await jsm.streams.info(stream);
  return delivered.stream_seq > state.last_seq;
};
