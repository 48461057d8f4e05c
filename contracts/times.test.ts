import { expect, test } from "vitest";
import { fieldErrors } from "../platform/errors/field-errors.ts";
import fc from "../tests/harness/fast-check.ts";
import { moment, timestamp } from "./times.ts";

const detailOf = (schema: typeof moment, text: unknown): string | undefined => {
  const result = schema.safeParse(text);
  return result.success ? undefined : fieldErrors(result.error)[0]?.detail;
};

test("the small t and z of RFC 3339 stand for the capital ones, and become them", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), noInvalidDate: true, max: new Date(4e12) }), (date) => {
      const iso = date.toISOString();
      for (const written of [iso, iso.toLowerCase(), iso.replace("T", "t"), iso.replace("Z", "z")])
        for (const schema of [moment, timestamp]) expect(schema.parse(written)).toBe(iso);
    }),
  );
});

test.each([
  ["2026-11-20T18:25:43+0100", "; write +0100 as +01:00"],
  ["2026-11-20t18:25:43.5-0930", "; write -0930 as -09:30"],
  ["2026-11-20T18:25:43+01", "; write +01 as +01:00"],
  ["2026-11-20T18:25:43 01:00", "; in a query write the + of its offset as %2B"],
  ["2026-11-20 18:25:43Z", ""],
  ["2026-11-20T24:00:00Z", ""],
  ["2026-02-30T10:05:00Z", ""],
  ["20261120T182543Z", ""],
  ["2026-11-20T18:25:43Y", ""],
  ["2026-11-20", ""],
  ["", ""],
  [1_795_199_143, ""],
  [null, ""],
])("%j is refused, and where it nearly was a time, it says how", (written, hint) => {
  expect(detailOf(timestamp, written)).toBe(`must be an ISO 8601 date and time${hint}`);
  expect(detailOf(moment, written)).toBe(`must be an ISO 8601 date and time with an offset${hint}`);
});

test.each(["2026-11-20T18:25", "2026-11-20T18:25Z", "2026-11-20T18:25:43"])(
  "%s is taken of a device, and no moment for the ledger",
  (written) => {
    expect(timestamp.parse(written.toLowerCase())).toBe(written);
    expect(detailOf(moment, written)).toBe("must be an ISO 8601 date and time with an offset");
  },
);

test("a moment that the database could not hold is refused", () => {
  expect(detailOf(moment, "0000-01-01T00:00:00Z")).toMatch(/years 1 to 9999/);
  expect(detailOf(moment, "2026-01-01T00:00:00+16:00")).toMatch(/offset at most 15:59/);
});
