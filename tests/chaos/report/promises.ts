import type { Happened } from "../nemesis/nemesis.ts";
import type { Strike } from "../plan/plan.ts";
import { countErrors, type Row } from "./row.ts";

/** What a kind of fault may cost the clients, and what it cost them at worst. */
export type Promised = {
  readonly promise: string;
  /** How often the run had such a fault, alone. */
  readonly times: number;
  readonly worst: string;
  readonly limit: string;
  readonly kept: boolean;
};

type Fault = { readonly row: Row; readonly strike: Strike };
type Rule = {
  readonly promise: string;
  readonly appliesTo: (strike: Strike) => boolean;
  readonly measure: (row: Row) => number;
  readonly limit: number;
  readonly show: (value: number) => string;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const isStatus = (ending: string): boolean => /^\d{3}$/.test(ending);
const REPLICATED = ["gateway", "emotion-ingestion", "transaction-ingestion", "credit-service"];

const killsLeader = ({ action, target }: Strike): boolean => action === "kill" && target.kind === "leader";
const killsReplica = ({ action, target }: Strike): boolean =>
  action === "kill" &&
  target.kind === "process" &&
  REPLICATED.some((name) => new RegExp(`^${name}-\\d+$`).test(target.name));

const RULES: readonly Rule[] = [
  {
    promise: "a killed leader: 503s for",
    appliesTo: killsLeader,
    measure: ({ refusingForMs }) => refusingForMs,
    limit: 6_000,
    show: seconds,
  },
  {
    promise: "a killed leader: failed acceptances",
    appliesTo: killsLeader,
    measure: ({ failedAcceptances }) => failedAcceptances,
    limit: 0,
    show: String,
  },
  {
    promise: "a killed gateway, ingestion or credit replica: failed requests",
    appliesTo: killsReplica,
    measure: (row) => countErrors(row) / Math.max(row.requests, 1),
    limit: 0.01,
    show: percent,
  },
  {
    // An answer that is not to be repeated breaks a rule of its own, whatever the fault.
    promise: "a killed gateway, ingestion or credit replica: requests without an answer",
    appliesTo: killsReplica,
    measure: ({ errors }) =>
      Object.entries(errors).reduce((sum, [ending, count]) => sum + (isStatus(ending) ? 0 : count), 0),
    limit: 0,
    show: String,
  },
];

/** Each promise that the run put to the test, held to the faults that came alone. */
export const judgePromises = (timeline: readonly Happened[], rows: readonly Row[]): Promised[] => {
  const alone = timeline.flatMap(({ number, strikes }): Fault[] => {
    const row = rows.find((found) => found.number === number);
    return row && strikes.length === 1 ? [{ row, strike: strikes[0]! }] : [];
  });
  return RULES.flatMap(({ promise, appliesTo, measure, limit, show }) => {
    const values = alone.filter(({ strike }) => appliesTo(strike)).map(({ row }) => measure(row));
    if (values.length === 0) return [];
    const worst = Math.max(...values);
    return [{ promise, times: values.length, worst: show(worst), limit: show(limit), kept: worst <= limit }];
  });
};
