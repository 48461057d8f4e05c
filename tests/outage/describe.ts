import { renderTable } from "../../simulator/report/table.ts";
import { FLAT_WITHIN, type MemoryRow } from "./judge-memory.ts";
import type { Report } from "./run.ts";

export const isWell = ({ memory, events }: Report): boolean =>
  memory.every(({ flat }) => flat) && Object.values(events).every((found) => found.length === 0);

/** Memory of each process over the outage, the drain, and the account of every event. */
export const describeReport = (report: Report): string => {
  const { sent, acknowledged, requests, errors, backlog, drainedInMs, events } = report;
  const perSecond = Math.round(backlog / (drainedInMs / 1_000)).toLocaleString("en");
  return [
    renderTable(
      ["process", "first minute", "lowest", "highest", "last minute", "grew by", ""],
      report.memory.map(cells),
    ),
    `${sent} events sent in ${requests} requests, ${acknowledged} acknowledged; failed: ${JSON.stringify(errors)}.`,
    `${backlog} messages waited; worked off in ${(drainedInMs / 1_000).toFixed(1)} s beside the traffic, ${perSecond} a second.`,
    Object.entries(events)
      .map(([rule, found]) => `${rule} ${found.length}`)
      .join(", "),
    isWell(report) ? "KEPT" : "NOT KEPT",
  ].join("\n");
};

const cells = ({ name, first, lowest, highest, last, growth, flat }: MemoryRow): string[] => [
  name,
  ...[first, lowest, highest, last].map((bytes) => `${Math.round(bytes / 1_024 / 1_024)} MiB`),
  `${(100 * growth).toFixed(1)} %`,
  flat ? "flat" : `MORE THAN ${100 * FLAT_WITHIN} %`,
];
