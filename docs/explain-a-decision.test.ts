import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judge, policy } from "../credit-service/domain/policy.ts";
import { INTERCEPT, predict } from "../ml-mock/domain/scorecard.ts";
import type { Features } from "../ml-mock/domain/scorecard.ts";

const page = readFileSync(join(import.meta.dirname, "explain-a-decision.md"), "utf8");
const told = (member: string): unknown =>
  JSON.parse(new RegExp(`"${member}":(\\{[^}]*\\}|"[^"]*"|[\\d.]+)`).exec(page)?.[1] ?? "null");

test("the decision on the page is what its features come to", () => {
  const prediction = predict(told("features") as Features);
  expect(prediction.contributions).toEqual(told("contributions"));
  expect(prediction.risk_score).toBe(told("ml_risk_score"));
  expect(prediction.model_version).toBe(told("modelVersion"));
  expect(page).toContain(`the constant ${String(INTERCEPT).replace("-", "−")}.`);
});

test("the terms on the page are the policy's", () => {
  const verdict = judge(told("ml_risk_score") as number, new Date(0));
  expect(verdict).toMatchObject({ approved: true, terms: { creditLimit: String(told("credit_limit")) } });
  expect(verdict).toMatchObject({ terms: { interestRate: String(told("interest_rate")) } });
  expect(policy.version).toBe(told("policyVersion"));
  expect(page).toContain(
    `approved up to a risk of ${policy.maxRisk}; limit = (1 − risk) · 10,000, at least 1,000; ` +
      `rate = ${policy.baseRate} + ${policy.rateSlope} · risk`,
  );
  expect([policy.mostLimit, policy.leastLimit]).toEqual(["10000", "1000"]);
});
