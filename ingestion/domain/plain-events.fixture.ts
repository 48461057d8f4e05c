import fc from "fast-check";
import type { Caller } from "../../platform/identity/caller.ts";

export const NOW = Date.UTC(2028, 2, 1, 12);
const DAY = 86_400_000;
export const ME = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, null, "", "\u0000", "é", 0, -1, true, [], {}),
);
/** Usually what clients write, now and then something at the edge of it, seldom anything at all. */
export const field = (
  usual: fc.Arbitrary<unknown>,
  edge: fc.Arbitrary<unknown> = usual,
): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 3, arbitrary: edge }, { weight: 1, arbitrary: odd });

export const userId = field(
  fc.oneof(fc.uuid(), fc.constant(ME)),
  fc.oneof(
    fc.uuid().map((id) => id.toUpperCase()),
    fc.constantFrom(`${ME} `, `${ME}\n`, "00000000-0000-0000-0000-000000000000", ME.replace("-7b", "-9b")),
  ),
);
export const text = field(
  fc.string({ minLength: 1, maxLength: 64 }),
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 66 }),
    fc.constantFrom("joy\n", '"', "\\", "\u007f", "a".repeat(64), "a".repeat(65), "😀".repeat(64)),
  ),
);
export const metric = field(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.oneof(fc.integer({ min: -1, max: 2 }), fc.constantFrom(0.1, 1e-7, -0, 1.0000001, 5e-324)),
);
const moment = fc.integer({ min: NOW - 90 * DAY, max: NOW + DAY }).map((ms) => new Date(ms).toISOString());
export const timestamp = field(
  moment,
  fc.oneof(
    moment.map((iso) => iso.replace("Z", "+02:00")),
    moment.map((iso) => iso.replace("Z", "")),
    moment.map((iso) => iso.toLowerCase()),
    moment.map((iso) => iso.replace("Z", "+0200")),
    moment.map((iso) => iso.replace("Z", "123Z")),
    fc
      .tuple(
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 20, max: 25 }),
      )
      .map(([month, day, hour]) => {
        const two = (value: number): string => String(value).padStart(2, "0");
        return `2028-${two(month)}-${two(day)}T${two(hour)}:59:59.999Z`;
      }),
    fc.constantFrom(
      new Date(NOW - 90 * DAY).toISOString(),
      new Date(NOW - 90 * DAY - 1).toISOString(),
      new Date(NOW + DAY).toISOString(),
      new Date(NOW + DAY + 1).toISOString(),
      "2028-02-29T10:00:00.000Z",
      "2027-12-31T23:59:60.000Z",
      "2028-02-28T10:00:00.000Z\n",
    ),
  ),
);

// As JSON.parse makes it: with own properties only, whatever they are called.
export const jsonOf = (event: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 20, arbitrary: event }, odd).map((value) => {
    const written = JSON.stringify(value);
    return written === undefined ? null : (JSON.parse(written) as unknown);
  });

export const caller = fc.constantFrom<Caller>(
  { kind: "internal" },
  { kind: "internal" },
  { kind: "user", id: ME },
  { kind: "anonymous" },
);
