import { expect, it } from "vitest";
import type { SentEvent } from "../../faults/support/event-ledger.ts";
import { keyOf } from "../check/dead-letters.ts";
import { describeReport } from "./describe.ts";
import { type Findings, isWell, makeReport } from "./report.ts";

const eventAt = (ms: number): SentEvent => ({
  kind: "transaction",
  userId: "someone",
  eventId: `event-${ms}`,
  value: 1,
  sentAt: new Date(ms).toISOString(),
  acknowledged: true,
});

const findings: Findings = {
  options: {
    seed: 7,
    faults: 1,
    rate: 100,
    minutes: 1,
    cluster: false,
    only: [],
    singly: false,
    report: undefined,
  },
  startedAt: new Date(0),
  windows: [
    {
      fault: 0,
      beganAt: 0,
      requests: 10,
      errors: new Map(),
      refusingForMs: 0,
      failedAcceptances: 0,
      longestGapMs: { telemetry: 20, credit: 30 },
    },
    {
      fault: 1,
      beganAt: 1_000,
      requests: 20,
      errors: new Map([["503", 5]]),
      refusingForMs: 1_500,
      failedAcceptances: 0,
      longestGapMs: { telemetry: 2_000, credit: 30 },
    },
  ],
  timeline: [
    {
      number: 1,
      fault: "kill nats",
      strikes: [{ action: "kill", target: { kind: "server", name: "nats" }, forMs: 2_000 }],
      hit: ["nats"],
      at: 0,
      undoneAfterMs: 2_000,
      recoveredAfterMs: 2_100,
    },
  ],
  events: [eventAt(500), eventAt(1_500)],
  acceptances: new Map([
    ["offer", { userId: "someone", offerId: "offer", sentAt: 1_200, acknowledged: true }],
  ]),
  poison: 0,
  verdict: { lost: [], doubled: [], broken: [], deadLetters: 0 },
};

it("a run in which nothing is amiss is well", () => {
  const report = makeReport(findings);
  expect(isWell(report)).toBe(true);
  expect(report).toMatchObject({
    acknowledged: { events: 2, acceptances: 1 },
    requests: 30,
    failedRequests: 5,
  });
  expect(describeReport(report)).toContain("KEPT: seed 7: lost 0, doubled 0, other rules broken 0.");
});

it("what is lost or doubled is counted for the fault in whose time it was sent, and named", () => {
  const lost = [keyOf(eventAt(1_500)), 'acceptance offer: {"status":"offered"}'];
  const doubled = [keyOf(eventAt(500))];
  const report = makeReport({ ...findings, verdict: { lost, doubled, broken: [], deadLetters: 0 } });
  expect(report.rows).toMatchObject([
    { number: 0, lost: 0, doubled: 1 },
    { number: 1, lost: 2, doubled: 0 },
  ]);
  expect(isWell(report)).toBe(false);
  expect(describeReport(report)).toContain("transaction someone event-1500");
});

it("a broken rule, and a fault without recovery, are no success either", () => {
  const broken = { ...findings.verdict, broken: ["outbox not empty: 1 rows"] };
  expect(isWell(makeReport({ ...findings, verdict: broken }))).toBe(false);
  const [happened] = findings.timeline;
  const stuck = { ...happened!, recoveredAfterMs: undefined, problem: "no answer" };
  expect(isWell(makeReport({ ...findings, timeline: [stuck] }))).toBe(false);
});
