import { retryBound } from "../../../platform/messaging/retry-schedule.ts";

/** A step of a saga. What is undone when a later one fails is undone in reverse order. */
export type Step<Name extends string> = {
  name: Name;
  /** Whether there is something to undo. */
  compensated: boolean;
  /** Once it is done there is no way back, only forward. */
  pivot: boolean;
};

export type Progress<Name extends string> = {
  state: "running" | "compensating";
  /** What is to be done; while it compensates, what is to be undone. */
  step: Name;
  pivoted: boolean;
  /** Of this step, the one under way included. */
  attempts: number;
  /** Whether the step's deadline has passed. */
  overdue: boolean;
};

export type StepResult =
  | { kind: "done" }
  /** It will never succeed. */
  | { kind: "refused"; reason: string }
  /** It may succeed another time; whether it had an effect is unknown. */
  | { kind: "failed"; reason: string }
  /** Found while undoing: the pivot had been done after all. */
  | { kind: "pivoted" };

export type Transition<Name extends string> = {
  state: "running" | "compensating" | "completed" | "compensated" | "stuck";
  step: Name;
  pivoted: boolean;
  /** When to go on, in ms from now. */
  delayMs: number;
  error: string | null;
};

/** The longest that a step waits for its next attempt; what it waits doubles with each. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Where a saga goes from here. Before the pivot, what cannot be done or is not done by its deadline is undone, step by
 * step backwards. Beyond it there is only forward. Where neither leads on, the saga is stuck: people must look.
 */
export const advance = <Name extends string>(
  steps: readonly Step<Name>[],
  saga: Progress<Name>,
  result: StepResult,
  baseMs: number,
): Transition<Name> => {
  const at = steps.findIndex(({ name }) => name === saga.step);
  const here = { step: saga.step, pivoted: saga.pivoted };
  const error = "reason" in result ? result.reason : null;
  if (result.kind === "pivoted")
    return forward(
      steps,
      steps.findIndex(({ pivot }) => pivot),
    );
  if (result.kind === "failed" && !saga.overdue)
    return {
      ...here,
      state: saga.state,
      delayMs: retryBound({ baseMs, capMs: LONGEST_WAIT_MS }, saga.attempts),
      error,
    };
  if (saga.state === "compensating")
    return result.kind === "done"
      ? backward(steps, at, null)
      : { ...here, state: "stuck", delayMs: 0, error };
  if (result.kind === "done") return forward(steps, at, saga.pivoted);
  return saga.pivoted ? { ...here, state: "stuck", delayMs: 0, error } : backward(steps, at, error);
};

const forward = <Name extends string>(
  steps: readonly Step<Name>[],
  done: number,
  pivoted = false,
): Transition<Name> => {
  const next = steps[done + 1];
  const beyond = pivoted || steps[done]!.pivot;
  if (!next) return { state: "completed", step: steps[done]!.name, pivoted: beyond, delayMs: 0, error: null };
  return { state: "running", step: next.name, pivoted: beyond, delayMs: 0, error: null };
};

const backward = <Name extends string>(
  steps: readonly Step<Name>[],
  from: number,
  error: string | null,
): Transition<Name> => {
  const before = steps.slice(0, from).findLast(({ compensated }) => compensated);
  const step = (before ?? steps[from]!).name;
  return { state: before ? "compensating" : "compensated", step, pivoted: false, delayMs: 0, error };
};
