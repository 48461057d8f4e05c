import type { MsgRequest } from "@nats-io/jetstream";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { ConsumerSpec } from "./definitions.ts";

const LAG_INTERVAL_MS = 5_000;

type WatchedConsumer = Pick<ConsumerSpec, "stream" | "name" | "filterSubject">;

export type Lag = {
  /** Never delivered. */
  pending: number;
  /** Delivered and not acknowledged. */
  ackPending: number;
  /** Age of the oldest message that is not acknowledged, in ms; 0 when there is none. */
  oldestUnackedMs: number;
};

/** How far a consumer is behind. Two questions to the broker at most. @throws what the broker answers */
export const readLag = async (
  { jsm }: Pick<Broker, "jsm">,
  { stream, name, filterSubject }: WatchedConsumer,
  now: () => number = Date.now,
): Promise<Lag> => {
  const info = await jsm.consumers.info(stream, name);
  const { num_pending: pending, num_ack_pending: ackPending } = info;
  if (pending + ackPending === 0) return { pending, ackPending, oldestUnackedMs: 0 };
  // Everything up to the floor is acknowledged; the next message for this consumer is thus the oldest that is not.
  // The library types this question for the direct API alone; NATS 2.9 takes it here too.
  const next = { seq: info.ack_floor.stream_seq + 1, next_by_subj: filterSubject } as MsgRequest;
  const oldest = await jsm.streams.getMessage(stream, next);
  return { pending, ackPending, oldestUnackedMs: oldest ? Math.max(0, now() - oldest.time.getTime()) : 0 };
};

/** Measures every few seconds how far the consumer is behind. Returns what ends it. */
export const watchLag = (
  broker: Pick<Broker, "jsm" | "connected">,
  consumer: WatchedConsumer,
  metrics: Pick<ConsumerMetrics, "lag" | "pending" | "ackPending" | "oldestUnacked">,
  intervalMs = LAG_INTERVAL_MS,
): (() => void) => {
  const labels = { consumer: consumer.name };
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking || !broker.connected()) return;
    asking = true;
    try {
      const { pending, ackPending, oldestUnackedMs } = await readLag(broker, consumer);
      metrics.lag.set(labels, pending + ackPending);
      metrics.pending.set(labels, pending);
      metrics.ackPending.set(labels, ackPending);
      metrics.oldestUnacked.set(labels, oldestUnackedMs / 1000);
    } catch {
      // The runner notices a consumer that is gone, and says so.
    } finally {
      asking = false;
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), intervalMs);
  return () => clearInterval(timer);
};
