import { expect, test } from "vitest";
import fc from "../../tests/harness/fast-check.ts";
import { isDeeperThan } from "./nesting.ts";
import { splitElements } from "./split-elements.ts";

const LIMITS = { maxBytes: 200, maxDepth: 3, maxElements: 5 };
const tooMany = (): Error => new Error("too many");

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value as object).map(depthOf))
    : 0;

const json = fc.jsonValue({ maxDepth: 5, noUnicodeString: false });
const written = fc.tuple(json, fc.constantFrom(undefined, 1, "\t"));

test("the elements of an array are what they would be by themselves, and it is known which are too deep or too large", () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 5 }), fc.constantFrom("", " ", "\r\n"), (values, space) => {
      const texts = values.map(([value, indent]) => JSON.stringify(value, null, indent));
      const pieces = texts.map((text) => space + text + space);
      const expected = pieces.map((piece, index) => {
        if (depthOf(JSON.parse(texts[index]!)) > LIMITS.maxDepth) return { fault: "too deep" };
        return Buffer.byteLength(piece) > LIMITS.maxBytes ? { fault: "too large" } : piece;
      });
      expect(splitElements(`${space}[${pieces.join()}]${space}`, LIMITS, tooMany)).toEqual(expected);
      for (const text of texts)
        expect(isDeeperThan(LIMITS.maxDepth, text)).toBe(depthOf(JSON.parse(text)) > LIMITS.maxDepth);
    }),
    { numRuns: 1_000 },
  );
});

test("whatever a text is, either it is no array or its elements say so", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'[ ] { } , : " \\ 1 a \n'.split(" "), " "), maxLength: 12 }),
      (text) => {
        const isArray = (): boolean => {
          try {
            return Array.isArray(JSON.parse(text));
          } catch {
            return false;
          }
        };
        const isSplit = (): boolean => {
          try {
            const limits = { maxBytes: 99, maxDepth: 99, maxElements: 99 };
            const elements = splitElements(text, limits, tooMany);
            return elements?.every((element) => JSON.parse(element as string) !== undefined) ?? false;
          } catch {
            return false;
          }
        };
        expect(isSplit()).toBe(isArray());
      },
    ),
    { numRuns: 5_000 },
  );
});

test("of more elements than there may be nothing is made", () => {
  expect(splitElements("[1,2,3,4,5]", LIMITS, tooMany)).toHaveLength(5);
  expect(() => splitElements("[1,2,3,4,5,6,", LIMITS, tooMany)).toThrow("too many");
});
