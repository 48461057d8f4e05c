import { type Result, digestOf } from "./results.ts";

/** The results as a page for people; the same results and sources make the same page. */
export const renderReport = (sources: ReadonlyMap<string, string>, results: readonly Result[]): string => {
  const byName = new Map(results.map((result) => [result.name, result]));
  const rows = [...sources].map(([name, source]) => row(name, byName.get(name), source));
  const total = (count: (result: Result) => number): number =>
    results.reduce((sum, result) => sum + count(result), 0);
  const sum = [
    "all that were judged",
    total(({ mutants }) => mutants),
    total(({ killed }) => killed),
    total(({ equivalent }) => equivalent.length),
    total(({ invalid }) => invalid),
    total(({ survived }) => survived.length),
    "",
  ];
  return [
    ...INTRODUCTION,
    "",
    table([HEADING, ...rows, sum.map(String)]),
    "",
    "## Survivors",
    "",
    ...listOr("None.", results.flatMap(survivors)),
    "",
    "## Equivalent mutants",
    "",
    ...listOr("None.", results.flatMap(equivalents)),
    "",
  ].join("\n");
};

const INTRODUCTION = [
  "# Mutation testing of the money code",
  "",
  "Written by `npm run mutate`, which replaces every comparison and arithmetic operator of the code that moves, decides on or counts money by its neighbour at the boundary and by its opposite, one at a time. A mutant is killed when the model of the ledger answers otherwise, a rule of the ledger is broken or a test fails (a function of the database: the model under three seeds, then the tests of the functions and routes; a file: the test beside it). A mutant that cannot be noticed is equivalent only if `tests/mutate/equivalent.json` says why, and the command still puts it to the model: one that is killed after all, or whose line is gone, fails the run.",
];

const HEADING = ["function or file", "mutants", "killed", "equivalent", "not valid", "survived", "judged"];

const row = (name: string, result: Result | undefined, source: string): string[] => {
  if (!result) return [`\`${name}\``, "", "", "", "", "", "never"];
  const { mutants, killed, equivalent, invalid, survived, judged, digest } = result;
  const counts = [mutants, killed, equivalent.length, invalid, survived.length].map(String);
  const changed = digest === digestOf(source) ? "" : ", changed since";
  return [`\`${name}\``, ...counts, `${judged}${changed}`];
};

const survivors = ({ name, survived }: Result): string[] =>
  survived.map(({ line, operator, text }) => `- \`${name}\`, line ${line}, \`${operator}\`: \`${text}\``);

const equivalents = ({ name, equivalent }: Result): string[] =>
  equivalent.map(
    ({ line, operator, text, reason }) =>
      `- \`${name}\`, line ${line}, \`${operator}\`: \`${text}\`: ${reason}`,
  );

const listOr = (nothing: string, items: readonly string[]): readonly string[] =>
  items.length > 0 ? items : [nothing];

const table = ([heading, ...rows]: readonly (readonly string[])[]): string => {
  const widths = heading!.map((_, column) =>
    Math.max(...[heading!, ...rows].map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(heading!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
};
