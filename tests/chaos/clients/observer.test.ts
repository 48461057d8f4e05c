import { expect, it } from "vitest";
import { createObserver } from "./observer.ts";

it("requests are counted for the fault in whose time they end, failures by status", () => {
  const observer = createObserver(() => 0);
  observer.record("emotion", 0, "202", true);
  observer.open(1);
  observer.record("emotion", 0, "503", false);
  observer.record("analysis", 0, "503", false);
  observer.record("transaction", 0, "ECONNRESET", false);
  expect(observer.windows()).toMatchObject([
    { fault: 0, requests: 1, errors: new Map() },
    {
      fault: 1,
      requests: 3,
      errors: new Map([
        ["503", 2],
        ["ECONNRESET", 1],
      ]),
    },
  ]);
});

it("the longest gap is the one between two successes, apart for telemetry and credit", () => {
  let now = 0;
  const observer = createObserver(() => now);
  const succeed = (at: number, call: "emotion" | "transaction" | "analysis" | "acceptance"): void => {
    now = at;
    observer.record(call, at, "200", true);
  };
  succeed(100, "emotion");
  succeed(900, "transaction");
  succeed(1_000, "emotion");
  succeed(2_500, "analysis");
  now = 3_000;
  observer.record("acceptance", 3_000, "503", false);
  succeed(3_500, "acceptance");
  expect(observer.windows()[0]?.longestGapMs).toEqual({ telemetry: 800, credit: 2_500 });
});

it("a success counts as recovery only when its request began afterwards, and only with one of each kind", () => {
  const observer = createObserver(() => 0);
  observer.record("emotion", 10, "202", true);
  observer.record("analysis", 5, "200", true);
  expect(observer.succeededSince(5)).toBe(false);
  observer.record("acceptance", 6, "202", true);
  expect(observer.succeededSince(5)).toBe(true);
  expect(observer.succeededSince(6)).toBe(false);
});

it("refusing is the longest row of 503s that telemetry got for a fault, and failed acceptances are counted", () => {
  let now = 0;
  const observer = createObserver(() => now);
  const refuse = (at: number, call: "emotion" | "acceptance", ending: string): void => {
    now = at;
    observer.record(call, at, ending, false);
  };
  refuse(100, "emotion", "503");
  observer.open(1);
  refuse(1_000, "acceptance", "503");
  refuse(2_000, "emotion", "503");
  refuse(3_900, "emotion", "503");
  refuse(5_000, "emotion", "502");
  // Single ones, with answers between them.
  refuse(9_000, "emotion", "503");
  refuse(9_700, "emotion", "503");
  refuse(30_000, "emotion", "503");
  expect(observer.windows()).toMatchObject([
    { refusingForMs: 0, failedAcceptances: 0 },
    { refusingForMs: 1_900, failedAcceptances: 1 },
  ]);
});
