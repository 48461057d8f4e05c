import { ratio, summarise } from "./measure/comparison.ts";
import type { Finding, SideSummary } from "./measure/comparison.ts";
import { interleave } from "./measure/rounds.ts";
import { rateOf } from "./measure/sample.ts";
import type { Sample, Side } from "./measure/sample.ts";
import type { Spread } from "./measure/statistics.ts";
import type { Curve } from "./growth/curve.ts";
import type { Generator } from "./load/generator.ts";
import type { Lender } from "./system/lender.ts";

/** How long everything takes. */
export type Plan = {
  readonly rounds: number;
  /** Of a round of a side that runs for a time. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Requests that warm a whole path up; its Node processes share them, and each needs some 10,000 to be compiled. */
  readonly pathWarmUp: number;
  readonly connections: number;
  /** Distinct requests that a pool cycles through. */
  readonly requests: number;
  readonly persistRounds: number;
  /** Events that a worker persists in a round, after those that warm it up. */
  readonly persisted: number;
  readonly persistedWarmUp: number;
  /** Batch requests of a round that is followed to the database, and connections that send batches. */
  readonly bulkCommitted: number;
  readonly bulkConnections: number;
  /** Analyses of a round that find nothing cached: at once, and one at a time. */
  readonly analyses: number;
  readonly singleAnalyses: number;
  /** Fresh analyses before the first round. */
  readonly warmUpAnalyses: number;
  /** How many events are stored while analyses are measured, from the least to the most; and analyses before that. */
  readonly storedEvents: readonly number[];
  readonly storedWarmUp: number;
  /** Of a round of pgbench, whole: its sessions are new in each, and take 9 ms to compile and plan what a service's has ready. */
  readonly pgbenchSeconds: number;
  /** Transfers that are put into the hash chain in a round. */
  readonly linked: number;
  readonly growthRounds: number;
  /** Events that a round of growth persists, those that warm up included. */
  readonly growthEvents: number;
  /** How many people the events are of. */
  readonly growthPeople: readonly number[];
};

export type Context = {
  readonly plan: Plan;
  readonly lender: Lender;
  readonly generator: Generator;
  readonly say: (line: string) => void;
};

export type BenchResult = {
  readonly name: string;
  readonly title: string;
  readonly sides: readonly SideSummary[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** What the plot shows; the rates of the sides where a bench says nothing. */
  readonly plot?: Plot;
  /** Shown instead of a plot. */
  readonly curves?: readonly Curve[];
};

export type Plot = {
  readonly title: string;
  readonly bars: readonly (Spread & { readonly label: string })[];
};

export type Bench = {
  readonly name: string;
  readonly title: string;
  readonly run: (context: Context) => Promise<Omit<BenchResult, "name" | "title">>;
};

/** A side that is warmed up before the first round. */
export type WarmSide = Side & { readonly warmUp?: () => Promise<unknown> };

export type Measured = {
  readonly sides: SideSummary[];
  /** The first side's rate as a multiple of the second's, both by name. */
  readonly ratio: (label: string, side: string, reference: string, bound?: { floor?: number }) => Finding;
  readonly summary: (side: string) => SideSummary;
};

/** Warms every side up, then measures them in interleaved rounds. */
export const measureSides = async ({ plan, say }: Context, sides: readonly WarmSide[]): Promise<Measured> => {
  for (const side of sides) await side.warmUp?.();
  const samples = await interleave(sides, plan.rounds, (side, round, sample) =>
    say(`  round ${round}  ${side.name}: ${Math.round(rateOf(sample)).toLocaleString("en")} ${side.unit}/s`),
  );
  const of = (name: string): Sample[] => {
    const found = samples.get(name);
    if (!found) throw new Error(`no side is called ${name}`);
    return found;
  };
  const summaries = sides.map((side) => summarise(side, of(side.name)));
  return {
    sides: summaries,
    ratio: (label, side, reference, bound) => ratio(label, of(side), of(reference), bound),
    summary: (name) => {
      const found = summaries.find((summary) => summary.name === name);
      if (!found) throw new Error(`no side is called ${name}`);
      return found;
    },
  };
};
