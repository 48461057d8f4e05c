import type { Finding } from "../check/check-events.ts";
import { type Meter, calls } from "../http/meter.ts";
import type { DecisionRow } from "../play/decisions.ts";
import { renderTable } from "./table.ts";

const NONE = "–";
const FINDINGS_SHOWN = 20;

/** Decisions by kind of person, and of all together. */
export const describeDecisions = (rows: readonly DecisionRow[]): string => {
  const sum = (of: (row: DecisionRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const all = {
    people: sum((row) => row.people),
    asked: sum((row) => row.asked),
    approved: sum((row) => row.approved),
    declined: sum((row) => row.declined),
    insufficient: sum((row) => row.insufficient),
    accepted: sum((row) => row.accepted),
    risks: rows.flatMap((row) => row.risks),
    limits: rows.flatMap((row) => row.limits),
    rates: rows.flatMap((row) => row.rates),
  };
  const head = [
    "persona",
    "people",
    "asked",
    "approved",
    "declined",
    "insufficient data",
    "accepted",
    "mean risk",
    "mean limit",
    "mean rate",
  ];
  return renderTable(head, [
    ...rows.map((row) => [row.archetype, ...decisionCells(row)]),
    ["all", ...decisionCells(all)],
  ]);
};

const decisionCells = (row: Omit<DecisionRow, "archetype">): string[] => [
  ...[row.people, row.asked, row.approved, row.declined, row.insufficient, row.accepted].map(String),
  mean(row.risks, 2),
  mean(row.limits, 0),
  row.rates.length > 0 ? `${mean(row.rates, 2)} %` : NONE,
];

const mean = (numbers: readonly number[], digits: number): string =>
  numbers.length === 0 ? NONE : (numbers.reduce((sum, n) => sum + n, 0) / numbers.length).toFixed(digits);

/** Calls with how often they succeeded and how long that took. */
export const describeCalls = (meter: Meter, seconds: number): string =>
  renderTable(
    ["call", "answered 2xx", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms"],
    calls
      .filter((call) => meter.succeeded(call) > 0)
      .map((call) => {
        const latency = meter.latency(call);
        const times = [0.5, 0.95, 0.99].map((share) => latency.percentile(share).toFixed(1));
        const count = meter.succeeded(call);
        return [call, String(count), (count / seconds).toFixed(1), ...times, latency.max().toFixed(1)];
      }),
  );

/** Every answer but a 2xx, and every failure to get one; each attempt counts. */
export const describeErrors = (meter: Meter): string => {
  const errors = meter.errors();
  if (errors.length === 0) return "No attempt was refused and none failed.";
  return renderTable(
    ["call", "refused or failed", "attempts"],
    errors.map(({ call, ending, count }) => [call, ending, String(count)]),
  );
};

/** What the platform did not keep, the first of it one by one. */
export const describeFindings = (findings: readonly Finding[]): string => {
  const shown = findings.slice(0, FINDINGS_SHOWN);
  const more = findings.length - shown.length;
  return [
    renderTable(
      ["fault", "user", "event or offer"],
      shown.map(({ fault, userId, what }) => [fault, userId, what]),
    ),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
};
