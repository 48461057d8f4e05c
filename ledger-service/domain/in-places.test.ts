import { expect, test } from "vitest";
import { inPlaces } from "./in-places.ts";

test.each([
  ["1", "USD", "1.00"],
  ["8589.7", "USD", "8589.70"],
  ["12.50", "USD", "12.50"],
  ["1.001", "USD", "1.001"],
  ["5", "JPY", "5"],
  ["0.1", "KWD", "0.100"],
  ["7", "XXX", "7"],
])("%s %s is %s", (amount, currency, told) => {
  expect(inPlaces(amount, currency)).toBe(told);
});
