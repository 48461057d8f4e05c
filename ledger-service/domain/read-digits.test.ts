import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { accountIdOf } from "./external-account-id.ts";
import { exponentOf } from "./currencies.ts";
import { parseByDigits } from "./read-digits.ts";
import { readCursor, toCursor } from "./position.ts";

test("a number in a field of money is the text that stood there, whatever a float would make of it", () => {
  const digits = /^(0|[1-9]\d{0,14})(\.\d{1,4})?$/;
  fc.assert(
    fc.property(fc.stringMatching(digits), (text) => {
      expect(parseByDigits(`{"amount":${text},"transfers":[{"amount": ${text}}]}`)).toEqual({
        amount: text,
        transfers: [{ amount: text }],
      });
    }),
  );
  expect(parseByDigits('{"amount":9007199254740993.10}')).toEqual({ amount: "9007199254740993.10" });
});

test("other numbers stay numbers, and texts stay texts", () => {
  expect(parseByDigits('{"subBalances":4,"amount":"1.50","name":"7"}')).toEqual({
    subBalances: 4,
    amount: "1.50",
    name: "7",
  });
});

test("currencies have the decimal places of ISO 4217, and what is none has no exponent", () => {
  expect(["USD", "JPY", "KWD", "CLF", "ISK"].map(exponentOf)).toEqual([2, 0, 3, 4, 0]);
  expect(["XXX", "XAU", "ABC", "usdx"].map(exponentOf)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a client's name for an account always gives the same id, another name another", () => {
  expect(accountIdOf("4711")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => (accountIdOf(a) === accountIdOf(b)) === (a === b)),
  );
});

test("a cursor leads back to its position, and anything else is refused", () => {
  const position = { recordedAt: "2026-11-25T10:00:00.123456Z", part: 3, version: "17" };
  expect(readCursor(toCursor(position))).toEqual(position);
  for (const bad of ["", "x", "2026-99-25T10:00:00.123456Z_1_1", "2026-11-25T10:00:00.123456Z_1_x"])
    expect(() => readCursor(bad)).toThrow("cursor");
});
