import { describe, expect, test } from "vitest";
import { createSilenceGuard } from "./silence-guard.ts";

const guard = () => createSilenceGuard({ timeoutMs: 40, pauseMs: 1_000 });

describe("silence guard", () => {
  test("after a silent timeout nothing is sent for a second", () => {
    const g = guard();
    g.timedOut(0, 41);
    expect([g.admits(42), g.admits(1_040)]).toEqual([false, false]);
  });

  test("then one command finds out, and the others still go without", () => {
    const g = guard();
    g.timedOut(0, 41);
    expect([g.admits(1_041), g.admits(1_042), g.admits(1_080)]).toEqual([true, false, false]);
    g.timedOut(1_041, 1_082);
    expect(g.admits(2_000)).toBe(false);
    expect(g.admits(2_082)).toBe(true);
  });

  test("an answer ends the suspicion at once", () => {
    const g = guard();
    g.timedOut(0, 41);
    g.admits(1_041);
    g.answered(1_041, 1_043);
    expect([g.admits(1_044), g.admits(1_044)]).toEqual([true, true]);
  });

  test("one slow command among answered ones is no silence", () => {
    const g = guard();
    g.answered(5, 20);
    g.timedOut(0, 41);
    expect(g.admits(42)).toBe(true);
  });

  test("a timer that fires late blames our own event loop, not Redis", () => {
    const g = guard();
    g.timedOut(0, 200);
    expect(g.admits(201)).toBe(true);
  });
});
