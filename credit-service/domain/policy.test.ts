import fc from "../../tests/harness/fast-check.ts";
import { describe, expect, test } from "vitest";
import { judge } from "./policy.ts";

const now = new Date("2026-03-01T12:00:00Z");
const termsAt = (risk: number) => {
  const verdict = judge(risk, now);
  if (!verdict.approved) throw new Error(`${risk} was declined`);
  return verdict.terms;
};

describe("policy", () => {
  test("a risk of exactly 0.6 is approved, the next number above it is not", () => {
    expect(judge(0.6, now).approved).toBe(true);
    expect(judge(0.6000000000000001, now)).toEqual({ approved: false, reason: "RISK_TOO_HIGH" });
  });

  test.each([
    [0, "10000.00", "5.00"],
    [0.21875, "7812.50", "8.28"],
    [0.6, "4000.00", "14.00"],
    // 5 + 15 · 0.001 = 5.015 and 5 + 15 · 0.003 = 5.045: ties, which go to the even cent.
    [0.001, "9990.00", "5.02"],
    [0.003, "9970.00", "5.04"],
    // (1 − 0.0000005) · 10000 = 9999.995
    [5e-7, "10000.00", "5.00"],
  ])("a risk of %d gets a limit of %s at %s per cent", (risk, limit, rate) => {
    expect(termsAt(risk)).toMatchObject({ creditLimit: limit, interestRate: rate });
  });

  test("an offer is open for seven days", () => {
    expect(termsAt(0.3).expiresAt).toEqual(new Date("2026-03-08T12:00:00Z"));
  });

  test("limit and rate have two places, stay in range, and more risk never earns better terms", () => {
    const risk = fc.double({ min: 0, max: 0.6, noNaN: true });
    fc.assert(
      fc.property(risk, risk, (a, b) => {
        const [low, high] = [termsAt(Math.min(a, b)), termsAt(Math.max(a, b))];
        for (const { creditLimit, interestRate } of [low, high]) {
          expect(creditLimit).toMatch(/^\d+\.\d{2}$/);
          expect(Number(creditLimit)).toBeGreaterThanOrEqual(1_000);
          expect(Number(creditLimit)).toBeLessThanOrEqual(10_000);
          expect(interestRate).toMatch(/^\d+\.\d{2}$/);
        }
        expect(Number(high.creditLimit)).toBeLessThanOrEqual(Number(low.creditLimit));
        expect(Number(high.interestRate)).toBeGreaterThanOrEqual(Number(low.interestRate));
      }),
    );
  });
});
