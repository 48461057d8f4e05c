import { expect, it } from "vitest";
import type { Happened } from "../nemesis/nemesis.ts";
import type { Strike } from "../plan/plan.ts";
import { judgePromises } from "./promises.ts";
import type { Row } from "./row.ts";

const killed = (target: Strike["target"]): Strike => ({ action: "kill", target, forMs: 1_000 });
const leader = killed({ kind: "leader", stream: "EMOTIONS" });
const replica = killed({ kind: "process", name: "gateway-2" });
const every = killed({ kind: "process", name: "gateway" });

const happened = (number: number, ...strikes: Strike[]): Happened => ({
  number,
  fault: "a fault",
  strikes,
  hit: [],
  at: 0,
  undoneAfterMs: 1,
  recoveredAfterMs: 1,
});
const row = (number: number, over: Partial<Row>): Row => ({
  number,
  fault: "a fault",
  requests: 1_000,
  errors: {},
  refusingForMs: 0,
  failedAcceptances: 0,
  longestWithoutTelemetryMs: 0,
  longestWithoutCreditMs: 0,
  recoveredAfterMs: 1,
  lost: 0,
  doubled: 0,
  ...over,
});

it("each promise is held to the worst of the faults that put it to the test", () => {
  const timeline = [happened(1, leader), happened(2, leader), happened(3, replica)];
  const rows = [
    row(1, { refusingForMs: 6_000 }),
    row(2, { refusingForMs: 100 }),
    row(3, { errors: { "502": 10 } }),
  ];
  expect(judgePromises(timeline, rows)).toMatchObject([
    { times: 2, worst: "6.0 s", kept: true },
    { times: 2, worst: "0", kept: true },
    { times: 1, worst: "1.00 %", kept: true },
    { times: 1, worst: "0", kept: true },
  ]);
});

it.each<[string, Strike, Partial<Row>]>([
  ["503s for too long", leader, { refusingForMs: 6_001 }],
  ["an acceptance that failed", leader, { failedAcceptances: 1 }],
  ["too many failures", replica, { errors: { "502": 11 } }],
  ["a connection that broke without an answer", replica, { errors: { ECONNRESET: 1 } }],
])("%s is over the limit", (_, strike, over) => {
  const promises = judgePromises([happened(1, strike)], [row(1, over)]);
  expect(promises.filter(({ kept }) => !kept)).toHaveLength(1);
});

it("a pair, and all replicas at once, promise nothing", () => {
  const timeline = [happened(1, leader, replica), happened(2, every)];
  expect(judgePromises(timeline, [row(1, {}), row(2, {})])).toEqual([]);
});
