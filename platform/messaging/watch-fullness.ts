import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import { repeat } from "../lifecycle/repeat.ts";
import type { Logger } from "../observability/logger.ts";
import type { Broker } from "./connect.ts";

export type FullnessWatch = {
  /** True from the threshold on, until the stream has been seen below it again. */
  nearlyFull: () => boolean;
  /** For `/readyz`; throws nothing: a full stream is answered with 503 by request, not by taking the process out. */
  detail: () => { bytes: number; maxBytes: number; shedding: boolean };
  stop: () => Promise<void>;
};

export type FullnessOptions = {
  stream: string;
  /** From how many percent of its size cap on the stream counts as nearly full. */
  shedPercent: number;
  /** How often the broker is asked, in ms. */
  everyMs?: number;
};

const EVERY_MS = 1_000;

/**
 * Asks the broker every second how full a stream is, so that intake can refuse before the stream does: the room
 * above the threshold is for what is under way, in this process and in others. What cannot be asked changes nothing.
 */
export const watchFullness = (
  deps: { broker: Pick<Broker, "jsm" | "connected">; metrics: Registry; logger: Logger },
  { stream, shedPercent, everyMs = EVERY_MS }: FullnessOptions,
): FullnessWatch => {
  const { broker, metrics, logger } = deps;
  const gauges = createGauges(metrics);
  let bytes = 0;
  let maxBytes = 0;
  let shedding = false;

  const look = async (): Promise<void> => {
    if (!broker.connected()) return;
    const { config, state } = await broker.jsm.streams.info(stream);
    bytes = state.bytes;
    maxBytes = Math.max(0, config.max_bytes);
    const full = maxBytes > 0 && bytes >= (maxBytes * shedPercent) / 100;
    if (full && !shedding)
      logger.warn({ stream, bytes, maxBytes }, "stream nearly full: refusing new events");
    if (!full && shedding) logger.info({ stream, bytes, maxBytes }, "stream has room again: taking events");
    shedding = full;
    gauges.bytes.set({ stream }, bytes);
    gauges.maxBytes.set({ stream }, maxBytes);
    gauges.shedding.set({ stream }, shedding ? 1 : 0);
  };

  const looking = repeat(logger, "fullness", everyMs, look);
  return {
    nearlyFull: () => shedding,
    detail: () => ({ bytes, maxBytes, shedding }),
    stop: looking.stop,
  };
};

const createGauges = (metrics: Registry) => {
  const labelNames = ["stream"] as const;
  const registers = [metrics];
  return {
    bytes: new Gauge({ name: "stream_bytes", help: "Size of the stream", labelNames, registers }),
    maxBytes: new Gauge({ name: "stream_max_bytes", help: "Size cap of the stream", labelNames, registers }),
    shedding: new Gauge({
      name: "stream_shedding",
      help: "1 while new events are refused because the stream is nearly full",
      labelNames,
      registers,
    }),
  };
};
