import { quantileOf } from "../measure/statistics.ts";
import type { LoadResult } from "./protocol.ts";

/** How many there were, and the quantiles that are reported; in ms. */
export const summariseLatencies = (
  latencies: readonly number[],
): Pick<LoadResult, "count" | "p50Ms" | "p99Ms" | "p999Ms"> => {
  const sorted = Float64Array.from(latencies).sort();
  return {
    count: sorted.length,
    p50Ms: quantileOf(sorted, 0.5),
    p99Ms: quantileOf(sorted, 0.99),
    p999Ms: quantileOf(sorted, 0.999),
  };
};
