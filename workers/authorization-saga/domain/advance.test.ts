import fc from "../../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { advance } from "./advance.ts";
import type { Progress, Step, StepResult, Transition } from "./advance.ts";
import { authorizationSteps } from "./steps.ts";

const BASE_MS = 100;
const running: Progress<"reserve" | "post" | "confirm"> = {
  state: "running",
  step: "post",
  pivoted: false,
  attempts: 1,
  overdue: false,
};
const move = (over: Partial<typeof running>, result: StepResult) =>
  advance(authorizationSteps, { ...running, ...over }, result, BASE_MS);
const failed: StepResult = { kind: "failed", reason: "57P01" };
const refused: StepResult = { kind: "refused", reason: "hold_voided" };

test("posting is the pivot, and telling completes", () => {
  expect(move({}, { kind: "done" })).toMatchObject({ state: "running", step: "confirm", pivoted: true });
  expect(move({ step: "confirm", pivoted: true }, { kind: "done" })).toMatchObject({ state: "completed" });
});

test("a failure is tried again, later each time, until the step's deadline", () => {
  const delays = [1, 2, 3].map((attempts) => move({ attempts }, failed).delayMs);
  expect(delays).toEqual([100, 200, 400]);
  expect(move({ attempts: 50 }, failed).delayMs).toBe(60_000);
  expect(move({ attempts: 3 }, failed)).toMatchObject({ state: "running", step: "post", error: "57P01" });
});

test("before the pivot, what is refused or overdue is undone", () => {
  for (const transition of [move({}, refused), move({ overdue: true }, failed)])
    expect(transition).toMatchObject({ state: "compensating", step: "reserve", pivoted: false });
  expect(move({ state: "compensating", step: "reserve" }, { kind: "done" }).state).toBe("compensated");
});

test("beyond the pivot there is only forward: overdue is stuck", () => {
  const confirm = { step: "confirm", pivoted: true } as const;
  expect(move(confirm, failed)).toMatchObject({ state: "running", step: "confirm" });
  for (const transition of [move({ ...confirm, overdue: true }, failed), move(confirm, refused)])
    expect(transition).toMatchObject({ state: "stuck", step: "confirm", pivoted: true });
});

test("a compensation that finds the pivot done goes forward, and one that is overdue is stuck", () => {
  const undoing = { state: "compensating", step: "reserve" } as const;
  expect(move(undoing, { kind: "pivoted" })).toMatchObject({
    state: "running",
    step: "confirm",
    pivoted: true,
  });
  expect(move({ ...undoing, overdue: true }, failed)).toMatchObject({ state: "stuck", step: "reserve" });
});

test("any saga ends, undoes exactly what was done in reverse order, and never turns back beyond the pivot", () => {
  const plans = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }).chain((compensated) =>
    fc.record({
      steps: fc.nat(compensated.length - 1).map((pivot) =>
        compensated.map((undone, n): Step<string> => ({
          name: `s${n}`,
          compensated: undone,
          pivot: n === pivot,
        })),
      ),
      results: fc.infiniteStream(
        fc.record({ kind: fc.constantFrom("done", "refused", "failed"), overdue: fc.boolean() }),
      ),
    }),
  );
  fc.assert(
    fc.property(plans, ({ steps, results }) => {
      const done: string[] = [];
      const undone: string[] = [];
      let saga: Transition<string> = {
        state: "running",
        step: "s0",
        pivoted: false,
        delayMs: 0,
        error: null,
      };
      for (let n = 0; n < 1_000 && (saga.state === "running" || saga.state === "compensating"); n++) {
        const { kind, overdue } = results.next().value as {
          kind: "done" | "refused" | "failed";
          overdue: boolean;
        };
        const result = kind === "done" ? { kind } : { kind, reason: "x" };
        const { state, step, pivoted } = saga;
        if (kind === "done") (state === "running" ? done : undone).push(step);
        saga = advance(steps, { state, step, pivoted, attempts: n + 1, overdue }, result, BASE_MS);
        if (pivoted) expect(saga).toMatchObject({ pivoted: true });
        if (pivoted) expect(["running", "completed", "stuck"]).toContain(saga.state);
      }
      expect(["completed", "compensated", "stuck"]).toContain(saga.state);
      if (saga.state === "completed") expect(done).toEqual(steps.map(({ name }) => name));
      if (saga.state === "compensated") {
        const toUndo = done.filter((name) => steps.find((step) => step.name === name)!.compensated);
        expect(undone).toEqual(toUndo.toReversed());
      }
    }),
  );
});
