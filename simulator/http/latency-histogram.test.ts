import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { createLatencyHistogram } from "./latency-histogram.ts";

const histogramOf = (times: number[]) => {
  const histogram = createLatencyHistogram();
  for (const ms of times) histogram.record(ms);
  return histogram;
};

test("a percentile is within 5 % of the true one", () => {
  const times = fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  const shares = fc.constantFrom(0.5, 0.95, 0.99, 1);
  fc.assert(
    fc.property(times, shares, (times, share) => {
      const sorted = times.toSorted((a, b) => a - b);
      const truth = sorted[Math.ceil(share * times.length) - 1]!;
      const told = histogramOf(times).percentile(share);
      expect(Math.abs(told - truth) / truth).toBeLessThanOrEqual(0.051);
    }),
  );
});

test("count and maximum are exact", () => {
  const histogram = histogramOf([3, 141.5, 7]);
  expect(histogram.count()).toBe(3);
  expect(histogram.max()).toBe(141.5);
});

test("without a call there is no time to tell", () => {
  expect(histogramOf([]).percentile(0.99)).toBe(0);
});

test("a call too fast to measure counts", () => {
  const histogram = histogramOf([0, 0]);
  expect(histogram.count()).toBe(2);
  expect(histogram.percentile(0.5)).toBe(0);
});
