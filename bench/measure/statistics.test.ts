import { expect, test } from "vitest";
import { quantileOf, spreadOf } from "./statistics.ts";

test("the median of an odd number is the middle one, whatever the order", () => {
  expect(spreadOf([9, 1, 4])).toEqual({ median: 4, min: 1, max: 9 });
});

test("the median of an even number lies halfway between the middle two", () => {
  expect(spreadOf([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10 });
});

test("nothing measured has no median", () => {
  expect(() => spreadOf([])).toThrow("no measurements");
});

test("a quantile is a value that was measured", () => {
  const sorted = Array.from({ length: 200 }, (_, index) => index + 1);
  expect(quantileOf(sorted, 0.5)).toBe(100);
  expect(quantileOf(sorted, 0.99)).toBe(198);
  expect(quantileOf(sorted, 1)).toBe(200);
  expect(quantileOf([7], 0.5)).toBe(7);
});
