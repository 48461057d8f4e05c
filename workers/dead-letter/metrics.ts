import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { Sql } from "../../platform/database/connect.ts";
import { readDepth } from "./sql/lists.ts";

const labelNames = ["stream", "error_class"] as const;

export const createLetterMetrics = (metrics: Registry) => ({
  stored: new Counter({
    name: "dead_letters_stored_total",
    help: "Dead letters taken from the stream by whether they were new or stored before",
    labelNames: ["result"] as const,
    registers: [metrics],
  }),
  open: new Gauge({
    name: "dead_letters_open",
    help: "Dead letters that nobody has replayed or discarded",
    labelNames,
    registers: [metrics],
  }),
  oldest: new Gauge({
    name: "dead_letters_oldest_age_seconds",
    help: "Time since the last failure of the oldest open dead letter",
    labelNames,
    registers: [metrics],
  }),
});

export type LetterMetrics = ReturnType<typeof createLetterMetrics>;

/** Measures what is open. What has been settled since the last time is gone from the metrics too. */
export const measureDepth = async (
  sql: Sql,
  { open, oldest }: Pick<LetterMetrics, "open" | "oldest">,
): Promise<void> => {
  const depths = await readDepth(sql);
  open.reset();
  oldest.reset();
  for (const { stream, error_class, letters, oldest_seconds } of depths) {
    open.set({ stream, error_class }, letters);
    oldest.set({ stream, error_class }, oldest_seconds);
  }
};
