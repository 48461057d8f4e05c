import { expect, test } from "vitest";
import fc from "../../tests/harness/fast-check.ts";
import { type Decision, answerWith } from "./decision.ts";
import { explain } from "./explain.ts";
import { policy } from "./policy.ts";

const approved: Decision = {
  id: "d",
  approved: true,
  reason: null,
  riskScore: 0.112166,
  modelVersion: "scorecard-1.0.0",
  policyVersion: policy.version,
  missingFeatures: ["avg_transaction_value_30d"],
  features: {
    transaction_count_30d: 9,
    avg_transaction_value_30d: null,
    avg_positivity_7d: 0.8049,
    stress_events_30d: 1,
  },
  contributions: {
    transaction_count_30d: 0.0524,
    avg_transaction_value_30d: 0,
    avg_positivity_7d: -0.9,
    stress_events_30d: -0.4,
    intercept: -0.6,
  },
  decidedAt: new Date(0),
  offer: null,
};
const nothingKnown: Decision = {
  ...approved,
  approved: false,
  reason: "INSUFFICIENT_DATA",
  riskScore: null,
  modelVersion: null,
  features: {
    transaction_count_30d: null,
    avg_transaction_value_30d: null,
    avg_positivity_7d: null,
    stress_events_30d: null,
  },
  contributions: null,
};

test("an approval names its rule, then what moved the score, the most first, and what was not known", () => {
  expect(explain(answerWith(approved))).toEqual([
    {
      effect: "approved",
      text: "Approved: the risk score of 0.112166 is within 0.6, the most that policy-1.0.0 approves.",
    },
    {
      effect: "lowered_risk",
      feature: "avg_positivity_7d",
      text: "An average positivity of 0.8 (of 0 to 1) in 7 days lowered the risk.",
    },
    {
      effect: "lowered_risk",
      feature: "stress_events_30d",
      text: "1 emotion of high stress in 30 days lowered the risk.",
    },
    {
      effect: "raised_risk",
      feature: "transaction_count_30d",
      text: "9 purchases in 30 days raised the risk.",
    },
    {
      effect: "no_effect",
      feature: "avg_transaction_value_30d",
      text: "The average of a purchase in 30 days was not known, which made no difference to the risk.",
    },
  ]);
});

test("a decline says which rule declined; the threshold of a policy that is gone is not made up", () => {
  const declined: Decision = { ...approved, approved: false, reason: "RISK_TOO_HIGH", riskScore: 0.61 };
  const first = (decision: Decision) => explain(answerWith(decision))[0];
  expect(first(declined)).toEqual({
    effect: "declined",
    text: "Declined: the risk score of 0.61 is above 0.6, the most that policy-1.0.0 approves.",
  });
  expect(first({ ...declined, policyVersion: "policy-0.9.0" })?.text).toBe(
    "Declined: the risk score of 0.61 is above what policy-0.9.0 approves.",
  );
});

test("without a score every feature is told as not known, and no rule of the policy is named", () => {
  const reasons = explain(answerWith(nothingKnown));
  expect(reasons.map(({ effect }) => effect)).toEqual(["declined", ...Array<string>(4).fill("unknown")]);
  expect(reasons[1]?.text).toBe("The number of purchases in 30 days was not known.");
  expect(JSON.stringify(reasons)).not.toContain("policy");
});

test("what a model did not tell of a feature is not guessed", () => {
  const { contributions: _, ...rest } = approved;
  const [, ...reasons] = explain(answerWith({ ...rest, contributions: { stress: 0.5 } }));
  expect(reasons.map(({ effect }) => effect)).toEqual(Array(4).fill("unknown"));
  expect(reasons[0]?.text).toBe("9 purchases in 30 days; what that did to the risk was not told.");
});

test.each([
  ["LIMIT_ALREADY_ACTIVE", "A credit limit is active already, and goes on."],
  ["OFFER_ALREADY_ACCEPTED", "An offer was accepted already, and is about to become active."],
] as const)("%s comes first, before why it was approved then", (because, text) => {
  const [first, second] = explain({ decision: approved, because });
  expect([first, second?.effect]).toEqual([{ effect: "stands", text }, "approved"]);
});

test("features stand in the order of what they did to the score, whatever they are, and always alike", () => {
  const points = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(points, points, points, points, (...all) => {
      const names = Object.keys(approved.features);
      const contributions = Object.fromEntries(names.map((name, at) => [name, all[at]!]));
      const decision = { ...approved, contributions };
      const told = explain(answerWith(decision)).slice(1);
      const sizes = told.map(({ feature }) => Math.abs(contributions[feature!]!));
      expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
      for (const { feature, effect } of told) {
        const added = contributions[feature!]!;
        expect(effect).toBe(added > 0 ? "raised_risk" : added < 0 ? "lowered_risk" : "no_effect");
      }
      expect(explain(answerWith(decision))).toEqual(explain(answerWith(structuredClone(decision))));
    }),
  );
});
