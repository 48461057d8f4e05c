import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { logNormal, normal, pickWeighted, poisson, randomFor } from "./random.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const draw = <T>(times: number, one: () => T): T[] => Array.from({ length: times }, one);
const mean = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

test("the same seed and label give the same stream, every number in [0, 1)", () => {
  fc.assert(
    fc.property(seeds, fc.string(), (seed, label) => {
      const once = draw(50, randomFor(seed, label));
      expect(draw(50, randomFor(seed, label))).toEqual(once);
      expect(once.every((n) => n >= 0 && n < 1)).toBe(true);
    }),
  );
});

test("another seed or another label gives another stream", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const stream = draw(8, randomFor(seed, "a"));
      expect(draw(8, randomFor((seed + 1) >>> 0, "a"))).not.toEqual(stream);
      expect(draw(8, randomFor(seed, "b"))).not.toEqual(stream);
    }),
  );
});

test("the numbers are spread evenly", () => {
  const random = randomFor(7, "even");
  const tenths = Array.from<number>({ length: 10 }).fill(0);
  for (let i = 0; i < 100_000; i++) tenths[Math.floor(random() * 10)]!++;
  expect(Math.min(...tenths)).toBeGreaterThan(9_500);
  expect(Math.max(...tenths)).toBeLessThan(10_500);
});

test("normal numbers have mean 0 and deviation 1", () => {
  const random = randomFor(7, "normal");
  const numbers = draw(50_000, () => normal(random));
  expect(mean(numbers)).toBeCloseTo(0, 1);
  expect(mean(numbers.map((n) => n * n))).toBeCloseTo(1, 1);
});

test("half of the log-normal numbers lie below the median", () => {
  const random = randomFor(7, "log-normal");
  const below = draw(20_000, () => logNormal(random, 40, 0.6)).filter((n) => n < 40).length;
  expect(below / 20_000).toBeCloseTo(0.5, 1);
});

test.each([0, 0.3, 4, 200])("a count with mean %d comes out so often on average", (expected) => {
  const random = randomFor(7, "poisson");
  const counts = draw(20_000, () => poisson(random, expected));
  expect(Math.abs(mean(counts) - expected)).toBeLessThanOrEqual(0.05 * expected);
});

test("what weighs three times as much is picked three times as often, what weighs nothing never", () => {
  const random = randomFor(7, "weights");
  const entries = [
    { name: "never", weight: 0 },
    { name: "seldom", weight: 1 },
    { name: "often", weight: 3 },
  ];
  const picks = draw(40_000, () => pickWeighted(random, entries).name);
  expect(picks).not.toContain("never");
  expect(picks.filter((name) => name === "often").length / 40_000).toBeCloseTo(0.75, 1);
});
