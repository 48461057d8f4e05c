import { renderTable } from "../../../simulator/report/table.ts";
import type { Happened } from "../nemesis/nemesis.ts";
import type { Promised } from "./promises.ts";
import { isWell, type Report } from "./report.ts";
import { countErrors, type Row } from "./row.ts";

const SHOWN = 20;

/** One line of the timeline, as it happens. */
export const describeHappened = ({ number, fault, hit, at, recoveredAfterMs, problem }: Happened): string => {
  const recovery =
    recoveredAfterMs === undefined ? "NOT RECOVERED" : `recovered in ${seconds(recoveredAfterMs)}`;
  const whom = fault.includes("leader") ? ` [${hit.join(", ")}]` : "";
  return `${seconds(at).padStart(8)}  ${number}. ${fault}${whom}: ${recovery}${problem ? `; ${problem}` : ""}`;
};

/** Faults × outcomes, and the verdict. */
export const describeReport = (report: Report): string => {
  const { acknowledged, requests, failedRequests, verdict } = report;
  const table = renderTable(
    [
      "fault",
      "requests",
      "failed",
      "by status",
      "503s for",
      "no telemetry",
      "no credit",
      "recovered",
      "lost",
      "doubled",
    ],
    report.rows.map(cells),
  );
  const share = ((100 * failedRequests) / Math.max(requests, 1)).toFixed(2);
  return [
    table,
    `${requests} requests, ${failedRequests} failed and were sent again (${share} %).`,
    `${acknowledged.events} events and ${acknowledged.acceptances} acceptances acknowledged; ` +
      `${acknowledged.poison} poison events, ${verdict.deadLetters} dead letters.`,
    ...report.promises.map(describePromise),
    ...listed("LOST", verdict.lost),
    ...listed("DOUBLED", verdict.doubled),
    ...listed("BROKEN", verdict.broken),
    `${isWell(report) ? "KEPT" : "NOT KEPT"}: seed ${report.seed}: lost ${verdict.lost.length}, ` +
      `doubled ${verdict.doubled.length}, other rules broken ${verdict.broken.length}.`,
  ].join("\n");
};

const cells = (row: Row): string[] => [
  row.number === 0 ? row.fault : `${row.number}. ${row.fault}`,
  String(row.requests),
  `${countErrors(row)} (${((100 * countErrors(row)) / Math.max(row.requests, 1)).toFixed(1)} %)`,
  Object.entries(row.errors)
    .map(([status, count]) => `${count} × ${status}`)
    .join(", "),
  seconds(row.refusingForMs),
  seconds(row.longestWithoutTelemetryMs),
  seconds(row.longestWithoutCreditMs),
  row.recoveredAfterMs === undefined ? "" : seconds(row.recoveredAfterMs),
  String(row.lost),
  String(row.doubled),
];

const describePromise = ({ promise, times, worst, limit, kept }: Promised): string =>
  `${promise} (${times} ×): at worst ${worst}, ${kept ? "within" : "OVER"} ${limit}`;

const listed = (title: string, found: readonly string[]): string[] => {
  if (found.length === 0) return [];
  const more = found.length > SHOWN ? [`  and ${found.length - SHOWN} more`] : [];
  return [`${title}:`, ...found.slice(0, SHOWN).map((what) => `  ${what}`), ...more];
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
