import type { Sample, Side } from "./sample.ts";
import { rateOf } from "./sample.ts";
import { spreadOf } from "./statistics.ts";
import type { Spread } from "./statistics.ts";

/** The name under which the load generator's CPU stands among those of the processes that it measures. */
export const LOAD_GENERATOR = "load generator";

/** A side's rounds, summed up. */
export type SideSummary = {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  /** Per second. */
  readonly rate: Spread;
  readonly p50Ms?: Spread;
  readonly p99Ms?: Spread;
  readonly p999Ms?: Spread;
  /** CPU seconds that a million of them cost each process: the median over the rounds. */
  readonly cpuPerMillion: Readonly<Record<string, number>>;
  /** Cores that each process kept busy: the median over the rounds. */
  readonly coresBusy: Readonly<Record<string, number>>;
  /** Resident memory of each process in MB, the largest of its replicas and rounds. */
  readonly rssMb?: Readonly<Record<string, number>>;
};

/** A number that the bench is about, and how low it may be. */
export type Finding = {
  readonly label: string;
  readonly value: number;
  readonly unit: "×" | "events/s" | "ms" | "MB";
  /** Of a ratio, also the median of the ratios within each round, which a slow drift of the machine cannot skew. */
  readonly perRound?: Spread;
  readonly floor?: number;
  /** The other way round: the value should not be above. */
  readonly ceiling?: number;
};

export const summarise = (side: Side, samples: readonly Sample[]): SideSummary => {
  const p50 = samples.flatMap(({ p50Ms }) => p50Ms ?? []);
  const p99 = samples.flatMap(({ p99Ms }) => p99Ms ?? []);
  const p999 = samples.flatMap(({ p999Ms }) => p999Ms ?? []);
  const rssMb = largest(samples.map((sample) => sample.rssMb ?? {}));
  return {
    name: side.name,
    unit: side.unit,
    rounds: samples.length,
    rate: spreadOf(samples.map(rateOf)),
    ...(p50.length > 0 && { p50Ms: spreadOf(p50) }),
    ...(p99.length > 0 && { p99Ms: spreadOf(p99) }),
    ...(p999.length > 0 && { p999Ms: spreadOf(p999) }),
    cpuPerMillion: perProcess(samples, (cpu, { count }) => (cpu / count) * 1_000_000),
    coresBusy: perProcess(samples, (cpu, { seconds }) => cpu / seconds),
    ...(Object.keys(rssMb).length > 0 && { rssMb }),
  };
};

/** How many times as fast the first is as the second, round by round and in the median. */
export const ratio = (
  label: string,
  samples: readonly Sample[],
  reference: readonly Sample[],
  bound: { floor?: number } = {},
): Finding => {
  const rates = samples.map(rateOf);
  const references = reference.map(rateOf);
  return {
    label,
    value: spreadOf(rates).median / spreadOf(references).median,
    unit: "×",
    perRound: spreadOf(rates.map((rate, round) => rate / (references[round] ?? Number.NaN))),
    ...bound,
  };
};

/**
 * How many a second for each core that they kept busy, all processes together but for the load generator; undefined
 * where the system does not tell.
 */
export const ratePerCore = ({ cpuPerMillion }: Pick<SideSummary, "cpuPerMillion">): number | undefined => {
  const seconds = Object.entries(cpuPerMillion)
    .filter(([process]) => process !== LOAD_GENERATOR)
    .reduce((sum, [, used]) => sum + used, 0);
  return seconds > 0 ? 1_000_000 / seconds : undefined;
};

export type Verdict = "ok" | "below floor" | "above ceiling" | "";

export const verdictOf = ({ value, floor, ceiling }: Finding): Verdict => {
  if (floor === undefined && ceiling === undefined) return "";
  if (floor !== undefined && value < floor) return "below floor";
  return ceiling !== undefined && value > ceiling ? "above ceiling" : "ok";
};

const perProcess = (
  samples: readonly Sample[],
  scale: (cpu: number, sample: Sample) => number,
): Record<string, number> => {
  const names = Object.keys(samples[0]?.cpu ?? {});
  const medians = names.map((name) => {
    const values = samples.map((sample) => scale(sample.cpu[name] ?? 0, sample));
    return [name, spreadOf(values).median] as const;
  });
  return Object.fromEntries(medians);
};

const largest = (rounds: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const most: Record<string, number> = {};
  for (const round of rounds)
    for (const [name, value] of Object.entries(round)) most[name] = Math.max(most[name] ?? 0, value);
  return most;
};
