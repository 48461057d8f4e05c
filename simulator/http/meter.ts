import { type LatencyHistogram, createLatencyHistogram } from "./latency-histogram.ts";

/** What the app asks of the platform. */
export const calls = [
  "register",
  "login",
  "emotion",
  "transaction",
  "analysis",
  "accept",
  "offers",
  "notifications",
] as const;

export type Call = (typeof calls)[number];

/** How one attempt ended: a status, or the name of what went wrong on the way to one. */
export type Ending = { readonly status: number; readonly code?: string } | { readonly failure: string };

export type Meter = {
  readonly record: (call: Call, ms: number, ending: Ending) => void;
  readonly latency: (call: Call) => LatencyHistogram;
  /** Attempts answered with a 2xx. */
  readonly succeeded: (call: Call) => number;
  /** Every other ending and how often it came, most frequent first. */
  readonly errors: () => CountedError[];
  /** Successful calls of all kinds so far. */
  readonly total: () => number;
};

export type CountedError = { readonly call: Call; readonly ending: string; readonly count: number };

export const createMeter = (): Meter => {
  const latencies = new Map(calls.map((call) => [call, createLatencyHistogram()]));
  const successes = new Map<Call, number>();
  const errors = new Map<string, CountedError>();

  const countError = (call: Call, ending: Ending): void => {
    const named = nameEnding(ending);
    const key = `${call} ${named}`;
    errors.set(key, { call, ending: named, count: (errors.get(key)?.count ?? 0) + 1 });
  };

  return {
    record: (call, ms, ending) => {
      // How fast a refusal or a broken connection comes says nothing about the call.
      if (!("status" in ending) || ending.status >= 300) return countError(call, ending);
      latencies.get(call)!.record(ms);
      successes.set(call, (successes.get(call) ?? 0) + 1);
    },
    latency: (call) => latencies.get(call)!,
    succeeded: (call) => successes.get(call) ?? 0,
    errors: () => [...errors.values()].toSorted((a, b) => b.count - a.count),
    total: () => [...successes.values()].reduce((sum, count) => sum + count, 0),
  };
};

const nameEnding = (ending: Ending): string => {
  if ("failure" in ending) return ending.failure;
  return ending.code ? `${ending.status} ${ending.code}` : String(ending.status);
};
