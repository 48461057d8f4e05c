import { type Equivalent, reasonFor } from "./equivalent.ts";
import { type Mutant, type Result, digestOf } from "./results.ts";

/** The results as a page for people; the same of everything makes the same page. */
export const renderReport = (
  sources: ReadonlyMap<string, string>,
  results: readonly Result[],
  equivalents: readonly Equivalent[],
): string => {
  const judged = results.map((result) => sort(result, equivalents));
  const byName = new Map(judged.map((each) => [each.name, each]));
  const rows = [...sources].map(([name, source]) => row(name, byName.get(name), source));
  return [
    ...INTRODUCTION,
    "",
    table([HEADING, ...rows, ["all that were judged", ...sumOf(judged).map(String), ""]]),
    "",
    "## Survivors",
    "",
    ...listOr("None.", judged.flatMap(survivors)),
    "",
    "## Equivalent mutants",
    "",
    ...listOr("None.", judged.flatMap(explained)),
    "",
  ].join("\n");
};

type Sorted = Result & { readonly equivalent: readonly (Mutant & { readonly reason: string })[] };

const sort = (result: Result, equivalents: readonly Equivalent[]): Sorted => {
  const reasons = result.survived.map((mutant) => reasonFor(equivalents, result.name, mutant));
  return {
    ...result,
    survived: result.survived.filter((_, index) => reasons[index] === undefined),
    equivalent: result.survived.flatMap((mutant, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{ ...mutant, reason }];
    }),
  };
};

const countsOf = ({ mutants, killed, equivalent, invalid, survived }: Sorted): number[] => [
  mutants,
  killed,
  equivalent.length,
  invalid,
  survived.length,
];

const sumOf = (judged: readonly Sorted[]): number[] =>
  judged
    .map(countsOf)
    .reduce((sum, counts) => sum.map((count, index) => count + counts[index]!), [0, 0, 0, 0, 0]);

const INTRODUCTION = [
  "# Mutation testing of the money code",
  "",
  "Written by `npm run mutate`, which replaces every comparison and arithmetic operator of the code that moves, decides on or counts money by its neighbour at the boundary and by its opposite, one at a time. A mutant is killed when the model of the ledger answers otherwise, a rule of the ledger is broken or a test fails (a function of the database: the model under three seeds, then the tests of the functions and routes; a file: the test beside it), all of which must pass with the code as it is before anything is judged. A mutant that cannot be noticed is equivalent only if `tests/mutate/equivalent.json` says why, and the command still puts it to the model: one that is killed after all, or whose line is gone, fails the run.",
];

const HEADING = ["function or file", "mutants", "killed", "equivalent", "not valid", "survived", "judged"];

const row = (name: string, result: Sorted | undefined, source: string): string[] => {
  if (!result) return [`\`${name}\``, "", "", "", "", "", "never"];
  const changed = result.digest === digestOf(source) ? "" : ", changed since";
  const left = result.left ? `, ${result.left.length} left` : "";
  return [`\`${name}\``, ...countsOf(result).map(String), `${result.judged}${changed}${left}`];
};

const place = (name: string, { number, operator, mutant }: Mutant): string =>
  `- \`${name}\`, line ${number}, \`${operator}\`: \`${mutant}\``;

const survivors = ({ name, survived }: Sorted): string[] => survived.map((mutant) => place(name, mutant));

const explained = ({ name, equivalent }: Sorted): string[] =>
  equivalent.map((mutant) => `${place(name, mutant)}: ${mutant.reason}`);

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
