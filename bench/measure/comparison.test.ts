import { expect, test } from "vitest";
import { ratio, summarise, verdictOf } from "./comparison.ts";
import type { Sample, Side } from "./sample.ts";

const sample = (count: number, extra: Partial<Sample> = {}): Sample => ({
  count,
  seconds: 2,
  cpu: { server: 1 },
  ...extra,
});
const side: Side = { name: "a", unit: "requests", measure: async () => sample(1) };

test("a ratio is of the medians, and beside it of each round by itself", () => {
  const finding = ratio(
    "a ÷ b",
    [sample(100), sample(200), sample(300)],
    [sample(200), sample(800), sample(600)],
  );
  expect(finding.value).toBeCloseTo(200 / 600);
  expect(finding.perRound).toEqual({ median: 0.5, min: 0.25, max: 0.5 });
});

test("a value on its floor is ok, one below is not", () => {
  const finding = { label: "x", value: 0.5, unit: "×" as const };
  expect(verdictOf({ ...finding, floor: 0.5 })).toBe("ok");
  expect(verdictOf({ ...finding, floor: 0.51 })).toBe("below floor");
  expect(verdictOf({ ...finding, ceiling: 0.4 })).toBe("above ceiling");
  expect(verdictOf(finding)).toBe("");
});

test("CPU is counted for a million, and as cores kept busy", () => {
  const { cpuPerMillion, coresBusy, rate } = summarise(side, [sample(1_000), sample(1_000)]);
  expect(cpuPerMillion).toEqual({ server: 1_000 });
  expect(coresBusy).toEqual({ server: 0.5 });
  expect(rate.median).toBe(500);
});

test("latency is left out where none was measured", () => {
  expect(summarise(side, [sample(1)])).not.toHaveProperty("p50Ms");
  expect(summarise(side, [sample(1, { p50Ms: 2, p99Ms: 9 })]).p99Ms?.median).toBe(9);
});
