import type { MemorySample } from "./watch-memory.ts";

/** How much memory a process had in each minute of the outage, as the minute's median, in bytes. */
export type MemoryRow = {
  readonly name: string;
  readonly first: number;
  readonly lowest: number;
  readonly highest: number;
  readonly last: number;
  /** How far the largest minute lies above the first, as a share of the first: 0.1 is 10 %. */
  readonly growth: number;
  /** Memory that is given back is no growth: workers that wait need less than workers that work. */
  readonly flat: boolean;
};

export const FLAT_WITHIN = 0.1;
const MINUTE_MS = 60_000;

/** Compares each minute with the first, process by process. A minute that has begun counts. */
export const judgeMemory = (samples: readonly MemorySample[]): MemoryRow[] => {
  const began = Math.min(...samples.map(({ at }) => at));
  return [...Map.groupBy(samples, ({ name }) => name)].map(([name, seen]) => {
    const minutes = Map.groupBy(seen, ({ at }) => Math.floor((at - began) / MINUTE_MS));
    const medians = [...minutes.values()].map((minute) => median(minute.map(({ bytes }) => bytes)));
    const first = medians[0] ?? 0;
    const highest = Math.max(...medians);
    const growth = (highest - first) / first;
    return {
      name,
      first,
      lowest: Math.min(...medians),
      highest,
      last: medians.at(-1) ?? 0,
      growth,
      flat: growth <= FLAT_WITHIN,
    };
  });
};

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
