import { expect, test } from "vitest";
import { createMeter } from "../http/meter.ts";
import { type Analysis, createDecisions } from "../play/decisions.ts";
import { describeCalls, describeDecisions, describeErrors, describeFindings } from "./describe-run.ts";

const decided = (decisionId: string, rest: Partial<Analysis>): Analysis => ({
  user_id: "u-1",
  approved: false,
  ml_risk_score: null,
  decisionId,
  decidedAt: "2026-11-20T12:00:00Z",
  modelVersion: null,
  policyVersion: "1",
  explanation: [],
  ...rest,
});
const offer = (credit_limit: number, interest_rate: number): Analysis["offer"] => ({
  offer_id: "o-1",
  credit_limit,
  interest_rate,
  credit_type: "SHORT_TERM_PERSONAL_LOAN",
  expires_at: "2026-11-27T12:00:00Z",
});
const cells = (table: string, row: string): string[] =>
  table
    .split("\n")
    .find((line) => line.startsWith(row))!
    .split(/\s{2,}/);

test("decisions are counted by persona and summed, the same decision told twice once", () => {
  const decisions = createDecisions();
  decisions.meet("student");
  decisions.meet("student");
  decisions.meet("newcomer");
  decisions.ask("student");
  decisions.decide("student", decided("d-1", { approved: true, ml_risk_score: 0.2, offer: offer(8_000, 8) }));
  decisions.decide("student", decided("d-1", { approved: true, ml_risk_score: 0.2, offer: offer(8_000, 8) }));
  decisions.decide(
    "student",
    decided("d-2", { approved: true, ml_risk_score: 0.4, offer: offer(6_000, 11) }),
  );
  decisions.decide("student", decided("d-3", { ml_risk_score: 0.9, reason: "RISK_TOO_HIGH" }));
  decisions.decide("newcomer", decided("d-4", { reason: "INSUFFICIENT_DATA" }));
  decisions.accept("student");
  const table = describeDecisions(decisions.rows());
  expect(cells(table, "student")).toEqual([
    "student",
    "2",
    "1",
    "2",
    "1",
    "0",
    "1",
    "0.50",
    "7000",
    "9.50 %",
  ]);
  expect(cells(table, "newcomer")).toEqual(["newcomer", "1", "0", "0", "0", "1", "0", "–", "–", "–"]);
  expect(cells(table, "all")).toEqual(["all", "3", "1", "2", "1", "1", "1", "0.50", "7000", "9.50 %"]);
});

test("calls show their rate and times; refusals are no success and not among the times", () => {
  const meter = createMeter();
  for (const ms of [10, 10, 10, 500]) meter.record("emotion", ms, { status: 202 });
  meter.record("emotion", 9_000, { status: 503, code: "event_not_stored" });
  meter.record("login", 1, { failure: "ECONNREFUSED" });
  const [call, count, rate, p50, , p99, max] = cells(describeCalls(meter, 2), "emotion");
  expect([call, count, rate, max]).toEqual(["emotion", "4", "2.0", "500.0"]);
  expect(Math.abs(Number(p50) - 10)).toBeLessThan(0.6);
  expect(Math.abs(Number(p99) - 500)).toBeLessThan(26);
  expect(describeCalls(meter, 2)).not.toContain("login");
  expect(cells(describeErrors(meter), "emotion")).toEqual(["emotion", "503 event_not_stored", "1"]);
  expect(cells(describeErrors(meter), "login")).toEqual(["login", "ECONNREFUSED", "1"]);
});

test("of many findings the first are shown and the others counted", () => {
  const findings = Array.from({ length: 23 }, (_, i) => ({
    fault: "emotion missing",
    userId: "u-1",
    what: `mood-${i}`,
  }));
  const text = describeFindings(findings);
  expect(text).toContain("mood-19");
  expect(text).not.toContain("mood-20");
  expect(text).toContain("and 3 more");
});
