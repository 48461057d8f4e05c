import fc from "../../tests/harness/fast-check.ts";
import { describe, expect, test } from "vitest";
import { type LedgerLine, type StatementLine, isMatch, reconcile } from "./reconcile.ts";

const line = (number: number, over: Partial<StatementLine> = {}): StatementLine => ({
  line: number,
  date: "2026-11-10",
  amount: 1_000n,
  reference: null,
  ...over,
});
const entry = (transferId: string, over: Partial<LedgerLine> = {}): LedgerLine => ({
  transferId,
  date: "2026-11-10",
  amount: 1_000n,
  reference: null,
  ...over,
});

const outcomes = (lines: StatementLine[], entries: LedgerLine[], days = 3): string[] =>
  reconcile(lines, entries, days).map(
    ({ outcome, line: l, entry: e }) => `${l?.line ?? "-"} ${e?.transferId ?? "-"} ${outcome}`,
  );

describe("a line that names a transfer", () => {
  test("matches it by reference or by id, whatever the dates", () => {
    const entries = [entry("a", { reference: "order-1", date: "2026-01-01" }), entry("b")];
    expect(outcomes([line(2, { reference: "order-1" }), line(3, { reference: "b" })], entries)).toEqual([
      "2 a matched_by_reference",
      "3 b matched_by_reference",
    ]);
  });

  test("matches the nearest of that name: others may have given it too", () => {
    const entries = [
      entry("old", { reference: "order-1", date: "2025-11-10" }),
      entry("today", { reference: "order-1" }),
      entry("late", { reference: "order-1", date: "2026-11-12" }),
    ];
    expect(outcomes([line(2, { reference: "order-1" })], entries)[0]).toBe("2 today matched_by_reference");
  });

  test("with another amount is told so, and only if no line has the right one", () => {
    const entries = [entry("a", { reference: "order-1" })];
    const wrong = line(2, { reference: "order-1", amount: 999n });
    expect(outcomes([wrong], entries)).toEqual(["2 a amount_differs"]);
    expect(outcomes([wrong, line(3, { reference: "order-1" })], entries)).toEqual([
      "2 - not_in_ledger",
      "3 a matched_by_reference",
    ]);
  });

  test("that another line has matched is repeated", () => {
    const lines = [line(2, { reference: "a" }), line(3, { reference: "a" })];
    expect(outcomes(lines, [entry("a")])).toEqual(["2 a matched_by_reference", "3 - repeated_line"]);
  });

  test("of the same reference twice matches two entries, each once", () => {
    const entries = [entry("a", { reference: "r" }), entry("b", { reference: "r" })];
    expect(outcomes([line(2, { reference: "r" }), line(3, { reference: "r" })], entries)).toEqual([
      "2 a matched_by_reference",
      "3 b matched_by_reference",
    ]);
  });
});

describe("a line without a name", () => {
  test("matches the one entry of its amount within the tolerance, the last day included", () => {
    expect(outcomes([line(2, { date: "2026-11-13" })], [entry("a")])).toEqual([
      "2 a matched_by_amount_and_date",
    ]);
    expect(outcomes([line(2, { date: "2026-11-14" })], [entry("a")])).toEqual([
      "2 - not_in_ledger",
      "- a not_in_statement",
    ]);
    expect(outcomes([line(2, { date: "2026-11-07" })], [entry("a")])).toEqual([
      "2 a matched_by_amount_and_date",
    ]);
  });

  test("takes the nearest day, and leaves the other to the other line", () => {
    const entries = [entry("a", { date: "2026-11-10" }), entry("b", { date: "2026-11-12" })];
    const lines = [line(2, { date: "2026-11-12" }), line(3, { date: "2026-11-11" })];
    expect(outcomes(lines, entries)).toEqual([
      "2 b matched_by_amount_and_date",
      "3 a matched_by_amount_and_date",
    ]);
  });

  test("is ambiguous between two that are equally near", () => {
    const entries = [entry("a", { date: "2026-11-09" }), entry("b", { date: "2026-11-11" })];
    expect(outcomes([line(2)], entries)).toEqual([
      "2 - ambiguous",
      "- a not_in_statement",
      "- b not_in_statement",
    ]);
  });

  test("is ambiguous between two of the same day", () => {
    expect(outcomes([line(2)], [entry("a"), entry("b")])).toEqual([
      "2 - ambiguous",
      "- a not_in_statement",
      "- b not_in_statement",
    ]);
  });

  test("of the other sign or another amount matches nothing", () => {
    expect(outcomes([line(2, { amount: -1_000n })], [entry("a")])).toEqual([
      "2 - not_in_ledger",
      "- a not_in_statement",
    ]);
  });
});

test("whatever comes, each line and each entry is in exactly one item, and what is matched has one amount", () => {
  const day = fc.integer({ min: 1, max: 9 }).map((n) => `2026-11-0${n}`);
  const amount = fc.integer({ min: 1, max: 3 }).map(BigInt);
  const reference = fc.option(fc.constantFrom("r1", "r2", "t0", "t1"));
  const facts = fc.record({ date: day, amount, reference });
  fc.assert(
    fc.property(fc.array(facts), fc.array(facts), fc.integer({ min: 0, max: 5 }), (stated, booked, days) => {
      const lines = stated.map((fact, index) => ({ ...fact, line: index + 2 }));
      const entries = booked.map((fact, index) => ({ ...fact, transferId: `t${index}` }));
      const items = reconcile(lines, entries, days);
      expect(new Set(items.flatMap((item) => item.line ?? []))).toEqual(new Set(lines));
      expect(items.filter((item) => item.line !== null)).toHaveLength(lines.length);
      expect(new Set(items.flatMap((item) => item.entry ?? []))).toEqual(new Set(entries));
      expect(items.filter((item) => item.entry !== null)).toHaveLength(entries.length);
      for (const item of items.filter(isMatch)) expect(item.line!.amount).toBe(item.entry!.amount);
    }),
  );
});
