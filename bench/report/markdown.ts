import type { BenchResult } from "../bench.ts";
import { ratePerCore } from "../measure/comparison.ts";
import type { Machine } from "../measure/machine.ts";
import { plotOf } from "./plot.ts";
import { formatBound, formatNumber, formatProcesses, formatSpread, formatValue } from "./format.ts";
import { table } from "./table.ts";

/** What was published of one bench, and where and when it was measured. */
export type Published = BenchResult & { readonly machine: Machine; readonly measuredAt: string };

/** The generated part of docs/benchmarks.md: what has a floor, at a glance, then every bench. */
export const renderMarkdown = (results: readonly Published[]): string =>
  [renderFloors(results), ...results.map(renderBench)].join("\n\n");

const renderFloors = (results: readonly Published[]): string => {
  const rows = results.flatMap(({ name, findings }) =>
    findings.map((finding) => [`\`${name}\``, finding.label, formatValue(finding), formatBound(finding)]),
  );
  const bound = rows.filter(([, , , bound]) => bound !== "");
  return ["### At a glance: what has a floor", table(["bench", "result", "value", "floor"], bound)].join(
    "\n\n",
  );
};

const renderBench = (result: Published): string => {
  const { machine, measuredAt } = result;
  return [
    `### ${result.title}`,
    `\`npm run bench -- ${result.name}\`, ${measuredAt.slice(0, 10)}: ${machine.cores} cores (${machine.cpu}), ` +
      `${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}${roundsOf(result)}.`,
    ...(result.sides.length > 0 ? [renderSides(result)] : []),
    ...(result.findings.length > 0 ? [renderFindings(result)] : []),
    ...renderImages(result),
    result.notes.map((note) => `- ${note}`).join("\n"),
  ].join("\n\n");
};

const renderImages = (result: Published): string[] =>
  result.curves?.map(
    ({ title, across }, index) => `![${title}, by ${across}](benchmarks/${curveFile(result.name, index)})`,
  ) ?? [`![${plotOf(result).title}](benchmarks/${result.name}.svg)`];

/** The image of a bench's curve, beside results.json. */
export const curveFile = (bench: string, index: number): string => `${bench}-${index + 1}.svg`;

const roundsOf = ({ sides }: Published): string =>
  sides[0] ? `; ${sides[0].rounds} rounds, medians, minimum to maximum in brackets` : "";

const renderSides = ({ sides }: Published): string =>
  table(
    [
      "what",
      "a second",
      "a second per core",
      "p50 ms",
      "p99 ms",
      "p99.9 ms",
      "CPU seconds per million",
      "cores busy",
      "resident MB",
    ],
    sides.map((side) => [
      side.name,
      `${formatSpread(side.rate)} ${side.unit}`,
      formatOptional(ratePerCore(side)),
      side.p50Ms ? formatSpread(side.p50Ms) : "",
      side.p99Ms ? formatSpread(side.p99Ms) : "",
      side.p999Ms ? formatSpread(side.p999Ms) : "",
      formatProcesses(side.cpuPerMillion),
      formatProcesses(side.coresBusy),
      formatProcesses(side.rssMb ?? {}),
    ]),
  );

const formatOptional = (value: number | undefined): string =>
  value === undefined ? "" : formatNumber(value);

const renderFindings = ({ findings }: Published): string =>
  table(
    ["result", "value", "round by round", "floor"],
    findings.map((finding) => [
      finding.label,
      formatValue(finding),
      finding.perRound ? formatSpread(finding.perRound) : "",
      formatBound(finding),
    ]),
  );
