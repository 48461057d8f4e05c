import { expect, test } from "vitest";
import { padPlaces } from "./pad-places.ts";

test.each([
  ["1", "USD", "1.00"],
  ["1.5", "USD", "1.50"],
  ["1.5000", "USD", "1.50"],
  ["9000000", "USD", "9000000.00"],
  ["100.0", "JPY", "100"],
  ["1", "KWD", "1.000"],
  ["1.234", "USD", "1.234"],
  ["0.5", "JPY", "0.5"],
  ["1", "XQQ", "1"],
])("%s %s is written %s", (decimal, currency, written) => {
  expect(padPlaces(decimal, currency)).toBe(written);
});
