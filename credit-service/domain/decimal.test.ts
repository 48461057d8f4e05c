import fc from "../../tests/harness/fast-check.ts";
import { describe, expect, test } from "vitest";
import { add, compare, decimal, multiply, roundHalfEven, subtract, toText } from "./decimal.ts";

const round = (value: string, places: number): string => toText(roundHalfEven(decimal(value), places));

describe("decimal", () => {
  test.each([
    ["0.125", 2, "0.12"],
    ["0.135", 2, "0.14"],
    ["0.1250001", 2, "0.13"],
    ["-0.125", 2, "-0.12"],
    ["2.5", 0, "2"],
    ["3.5", 0, "4"],
    ["7", 2, "7.00"],
    ["0.999", 2, "1.00"],
  ])("%s to %i places is %s", (value, places, expected) => {
    expect(round(value, places)).toBe(expected);
  });

  test.each([
    [1e-7, "0.0000001"],
    [1e21, "1000000000000000000000"],
    [0.1, "0.1"],
  ])("reads the shortest text of %d", (value, expected) => {
    expect(toText(decimal(value))).toBe(expected);
  });

  test.each([Number.NaN, Infinity, "", "1,5", "0x10"])("%s is no decimal number", (value) => {
    expect(() => decimal(value)).toThrow(RangeError);
  });

  test("rounding moves a value by at most half a unit, and a tie ends on an even digit", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.nat(8),
        fc.nat(6),
        (digits, scale, places) => {
          const value = { digits, scale };
          const rounded = roundHalfEven(value, places);
          const error = subtract(value, rounded);
          const half = { digits: 5n, scale: places + 1 };
          const size = error.digits < 0n ? { ...error, digits: -error.digits } : error;
          expect(compare(size, half)).toBeLessThanOrEqual(0);
          if (compare(size, half) === 0) expect(rounded.digits % 2n).toBe(0n);
        },
      ),
    );
  });

  test("sums and products are exact", () => {
    expect(toText(add(decimal("0.1"), decimal("0.2")))).toBe("0.3");
    expect(toText(multiply(decimal("1.1"), decimal("1.1")))).toBe("1.21");
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.nat(9), fc.nat(9), (a, b, scaleA, scaleB) => {
        const [x, y] = [
          { digits: a, scale: scaleA },
          { digits: b, scale: scaleB },
        ];
        expect(compare(subtract(add(x, y), y), x)).toBe(0);
      }),
    );
  });
});
