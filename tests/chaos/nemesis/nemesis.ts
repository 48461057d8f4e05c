import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../harness/until.ts";
import type { Arena } from "../arena.ts";
import type { Observer } from "../clients/observer.ts";
import { describeFault, type Fault, type Strike } from "../plan/plan.ts";
import { strike } from "./strike.ts";

/** One fault as it came to be; times in ms from the beginning of the faults. */
export type Happened = {
  readonly number: number;
  readonly fault: string;
  readonly strikes: readonly Strike[];
  /** The processes and servers that it hit. */
  readonly hit: readonly string[];
  readonly at: number;
  /** From the strike until everything it hit was there again. */
  readonly undoneAfterMs: number;
  /** From the strike until telemetry and credit answered again to requests sent after that. */
  readonly recoveredAfterMs: number | undefined;
  readonly problem?: string;
};

export type NemesisDeps = {
  readonly arena: Arena;
  readonly observer: Observer;
  readonly stopping: AbortSignal;
  readonly happened: (entry: Happened) => void;
};

const RECOVERS_WITHIN_MS = 60_000;

/** Carries out a plan, one fault after the other, each when its time has come and the one before is over. */
export const runPlan = async (plan: readonly Fault[], deps: NemesisDeps): Promise<Happened[]> => {
  const began = Date.now();
  const timeline: Happened[] = [];
  for (const fault of plan) {
    await sleep(Math.max(0, began + fault.at - Date.now()), undefined, { signal: deps.stopping });
    const entry = await carryOut(fault, began, deps);
    timeline.push(entry);
    deps.happened(entry);
  }
  return timeline;
};

const carryOut = async (fault: Fault, began: number, deps: NemesisDeps): Promise<Happened> => {
  const { arena, observer } = deps;
  observer.open(fault.number);
  const at = Date.now();
  const outcomes = await Promise.allSettled(fault.strikes.map((one) => strike(arena, one)));
  const undone = Date.now();
  const recovered = await until(() => deps.stopping.aborted || observer.succeededSince(undone), {
    within: RECOVERS_WITHIN_MS,
    what: "an answer to telemetry and to credit",
  }).catch((error: Error) => error);
  const problems = [
    ...outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : [])),
    ...(recovered instanceof Error ? [recovered.message] : []),
  ];
  return {
    number: fault.number,
    fault: describeFault(fault),
    strikes: fault.strikes,
    hit: outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : [])),
    at: at - began,
    undoneAfterMs: undone - at,
    recoveredAfterMs: recovered instanceof Error ? undefined : Date.now() - at,
    ...(problems.length > 0 && { problem: problems.join("; ") }),
  };
};
