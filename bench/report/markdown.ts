import type { BenchResult } from "../bench.ts";
import { ratePerCore } from "../measure/comparison.ts";
import type { Finding } from "../measure/comparison.ts";
import type { Machine } from "../measure/machine.ts";
import { plotOf } from "./plot.ts";
import { formatBound, formatNumber, formatProcesses, formatSpread, formatValue } from "./format.ts";
import { table } from "./table.ts";

/** What was published of one bench, and where and when it was measured. */
export type Published = BenchResult & { readonly machine: Machine; readonly measuredAt: string };

/** The generated part of docs/benchmarks.md: what has a floor, with a link to each bench's page. */
export const renderOverview = (results: readonly Published[]): string =>
  table(
    ["command", "result", "printed", "floor", "measured"],
    results.flatMap(({ name, findings, measuredAt }) =>
      tightest(findings).map((finding) => [
        `[\`npm run bench -- ${name}\`](benchmarks/${name}.md)`,
        finding.label,
        formatValue(finding),
        formatBound(finding),
        measuredAt.slice(0, 10),
      ]),
    ),
  );

const MANY = 4;

// Of many with one and the same bound, such as the memory of every service, the one that is nearest to it.
const tightest = (findings: readonly Finding[]): Finding[] => {
  const bound = findings.filter((finding) => formatBound(finding) !== "");
  const alike = Map.groupBy(bound, ({ floor, ceiling, unit }) => `${floor} ${ceiling} ${unit}`);
  return [...alike.values()].flatMap((group) => (group.length > MANY ? [nearestOf(group)] : group));
};

const nearestOf = (group: readonly Finding[]): Finding => {
  const nearest = group.reduce((one, other) => (slack(other) < slack(one) ? other : one));
  return { ...nearest, label: `${nearest.label} (of ${group.length} the nearest to the bound)` };
};

const slack = ({ value, floor, ceiling }: Finding): number =>
  floor === undefined ? (ceiling ?? 0) - value : value - floor;

/** A bench's page, beside results.json. */
export const renderPage = (result: Published): string => {
  const { machine, measuredAt } = result;
  return [
    "<!-- written by npm run bench -->",
    `# ${result.title}`,
    `\`npm run bench -- ${result.name}\`, ${measuredAt.slice(0, 10)}: ${machine.cores} cores (${machine.cpu}), ` +
      `${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}${roundsOf(result)}. ` +
      "[How it is measured](../benchmarks.md#how-it-is-measured).",
    ...(result.findings.length > 0 ? [renderFindings(result)] : []),
    ...renderImages(result),
    ...(result.sides.length > 0 ? [renderSides(result)] : []),
    result.notes.map((note) => `- ${note}`).join("\n"),
  ].join("\n\n");
};

const renderImages = (result: Published): string[] =>
  result.curves?.map(
    ({ title, across }, index) => `![${title}, by ${across}](${curveFile(result.name, index)})`,
  ) ?? [`![${plotOf(result).title}](${result.name}.svg)`];

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
