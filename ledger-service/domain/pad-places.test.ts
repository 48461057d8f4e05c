import { expect, test } from "vitest";
import { padPlaces } from "./pad-places.ts";

test.each([
  ["1", "USD", "1.00"],
  ["1.5", "USD", "1.50"],
  ["1.5000", "USD", "1.50"],
  ["9000000", "USD", "9000000.00"],
  ["100.0", "JPY", "100"],
  ["1", "KWD", "1.000"],
])("%s %s is written %s", (decimal, currency, written) => {
  expect(padPlaces(decimal, currency)).toBe(written);
});

test.each([
  ["1.234", "USD", { pointer: "/amount", detail: "USD has 2 decimal places" }],
  ["0.5", "JPY", { pointer: "/amount", detail: "JPY has 0 decimal places" }],
  ["1", "XQQ", { pointer: "/currency", detail: "is no currency of ISO 4217" }],
  ["1", "XXX", { pointer: "/currency", detail: "is no currency of ISO 4217" }],
])("%s %s is refused", (decimal, currency, error) => {
  expect(() => padPlaces(decimal, currency)).toThrow(
    expect.objectContaining({ code: "validation_failed", errors: [error] }),
  );
});
