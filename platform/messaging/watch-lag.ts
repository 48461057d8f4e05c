import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { ConsumerSpec } from "./definitions.ts";

const LAG_INTERVAL_MS = 5_000;

/** Asks the broker every few seconds how far the consumer is behind. Returns what ends it. */
export const watchLag = (
  broker: Pick<Broker, "jsm" | "connected">,
  { stream, name }: Pick<ConsumerSpec, "stream" | "name">,
  metrics: Pick<ConsumerMetrics, "pending" | "ackPending">,
  intervalMs = LAG_INTERVAL_MS,
): (() => void) => {
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking || !broker.connected()) return;
    asking = true;
    try {
      const info = await broker.jsm.consumers.info(stream, name);
      metrics.pending.set({ consumer: name }, info.num_pending);
      metrics.ackPending.set({ consumer: name }, info.num_ack_pending);
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
