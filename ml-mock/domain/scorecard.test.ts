import fc from "../../tests/harness/fast-check.ts";
import { describe, expect, test } from "vitest";
import { INTERCEPT, type Features, predict } from "./scorecard.ts";

const calm: Features = {
  transaction_count_30d: 20,
  avg_transaction_value_30d: 80,
  avg_positivity_7d: 0.7,
  stress_events_30d: 1,
};

const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: null });
const features: fc.Arbitrary<Features> = fc.record({
  transaction_count_30d: optional(fc.nat(100_000)),
  avg_transaction_value_30d: optional(fc.double({ min: 0, max: 1e11, noNaN: true })),
  avg_positivity_7d: optional(fc.double({ min: 0, max: 1, noNaN: true })),
  stress_events_30d: optional(fc.nat(100_000)),
});

describe("scorecard", () => {
  test("a calm person who spends regularly is a low risk", () => {
    expect(predict(calm).risk_score).toBeLessThan(0.4);
  });

  test("a calm newcomer with a handful of events is below the approval threshold", () => {
    const newcomer = {
      ...calm,
      transaction_count_30d: 3,
      avg_transaction_value_30d: 100,
      stress_events_30d: 0,
    };
    expect(predict(newcomer).risk_score).toBeLessThan(0.4);
  });

  test.each([
    ["unknown", null],
    ["none", 0],
  ])("a highly stressed person whose spending is %s is a high risk", (_, count) => {
    const stressed: Features = {
      transaction_count_30d: count,
      avg_transaction_value_30d: null,
      avg_positivity_7d: 0.1,
      stress_events_30d: 3,
    };
    expect(predict(stressed).risk_score).toBeGreaterThan(0.6);
  });

  test("the score is a probability, whatever the features", () => {
    fc.assert(
      fc.property(features, (input) => {
        const { risk_score } = predict(input);
        expect(risk_score).toBeGreaterThanOrEqual(0);
        expect(risk_score).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("the contributions add up to the logit less the intercept", () => {
    fc.assert(
      fc.property(features, (input) => {
        const { risk_score, contributions } = predict(input);
        const logit = INTERCEPT + Object.values(contributions).reduce((sum, part) => sum + part, 0);
        expect(risk_score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
        for (const part of Object.values(contributions)) expect(String(part)).toMatch(/^-?\d+(\.\d{1,6})?$/);
      }),
    );
  });

  test("more stress never lowers the risk, more positivity never raises it", () => {
    fc.assert(
      fc.property(features, fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (input, more, p) => {
        const stress = input.stress_events_30d ?? 0;
        const before = predict({ ...input, stress_events_30d: stress }).risk_score;
        expect(predict({ ...input, stress_events_30d: stress + more }).risk_score).toBeGreaterThanOrEqual(
          before,
        );
        const positivity = input.avg_positivity_7d ?? 0;
        const low = predict({ ...input, avg_positivity_7d: positivity }).risk_score;
        const high = predict({ ...input, avg_positivity_7d: Math.max(positivity, p) }).risk_score;
        expect(high).toBeLessThanOrEqual(low);
      }),
    );
  });

  test("the same features get the same score", () => {
    expect(predict(calm)).toEqual(predict({ ...calm }));
  });
});
