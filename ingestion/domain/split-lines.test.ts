import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { createLineSplitter } from "./split-lines.ts";
import type { Line } from "./split-lines.ts";

const MAX = 12;

const split = (body: Buffer, cuts: readonly number[]): Line[] => {
  const splitter = createLineSplitter(MAX);
  const places = [0, ...cuts.map((cut) => cut % (body.length + 1)).toSorted((a, b) => a - b), body.length];
  const lines = places.slice(1).flatMap((place, index) => splitter.feed(body.subarray(places[index], place)));
  return [...lines, ...splitter.end()];
};

const lineOf = (bytes: Buffer): Line[] => {
  if (bytes.length === 0 || bytes.equals(Buffer.from("\r"))) return [];
  if (bytes.length > MAX) return [{ fault: "too large" }];
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? [text] : [{ fault: "not UTF-8" }];
};

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 16 }).map((text) => Buffer.from(text.replaceAll("\n", " "))),
  fc.constantFrom("", "\r", "{}\r", "é😀").map((text) => Buffer.from(text)),
  fc
    .uint8Array({ maxLength: 16 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte)))),
);

test("lines are the same however the body is cut into chunks, and each is judged by itself", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 8 }),
      (pieces, closed, cuts) => {
        const body = Buffer.concat(pieces.flatMap((bytes) => [bytes, Buffer.from("\n")]));
        const whole = closed ? body : body.subarray(0, Math.max(0, body.length - 1));
        expect(split(whole, cuts)).toEqual(pieces.flatMap(lineOf));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("blank lines are counted", () => {
  const splitter = createLineSplitter(MAX);
  for (const chunk of ["\n\r", "\n{}\n\n", "\xff\n\n{}\n"]) splitter.feed(Buffer.from(chunk, "latin1"));
  expect(splitter.blank).toBe(4);
});

test("of a line without an end nothing is held", () => {
  const splitter = createLineSplitter(MAX);
  for (let n = 0; n < 1_000; n++) expect(splitter.feed(Buffer.alloc(65_536, "x"))).toEqual([]);
  expect(splitter.feed(Buffer.from("\n{}\n"))).toEqual([{ fault: "too large" }, "{}"]);
});
