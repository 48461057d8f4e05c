import type { FunctionTime } from "../profile/top-functions.ts";
import type { Frame } from "../profile/call-tree.ts";
import { table } from "./table.ts";

/** The functions of one process that took most of its time. */
export type ProcessProfile = { readonly process: string; readonly functions: readonly FunctionTime[] };
/** The same with everything that was called, which is drawn and not kept. */
export type MeasuredProfile = ProcessProfile & { readonly calls: Frame };
export type BenchProfiles = { readonly bench: string; readonly profiles: readonly ProcessProfile[] };

/** For each bench that was profiled a table with a column for each process of ours, and their flame graphs. */
export const renderProfiles = (benches: readonly BenchProfiles[]): string =>
  benches
    .map(({ bench, profiles }) =>
      [
        `\`npm run bench -- --profile ${bench}\``,
        tableOf(profiles.filter(isOurs)),
        ...profiles
          .filter(isOurs)
          .map(({ process }) => `![${process} under ${bench}](${flameFile(bench, process)})`),
      ].join("\n\n"),
    )
    .join("\n\n");

/** Bare, and the gateways in front of it, are only what others are compared with. */
export const isOurs = ({ process }: ProcessProfile): boolean => !process.startsWith("bare");

/** The flame graph of a process, beside profiles.json. */
export const flameFile = (bench: string, process: string): string => `flame-${bench}-${process}.svg`;

const tableOf = (profiles: readonly ProcessProfile[]): string =>
  table(
    profiles.map(({ process }) => process),
    Array.from({ length: Math.max(...profiles.map(({ functions }) => functions.length)) }, (_, row) =>
      profiles.map(({ functions }) => cell(functions[row])),
    ),
  );

const cell = (entry: FunctionTime | undefined): string =>
  entry ? `${(entry.share * 100).toFixed(1)} % \`${entry.name.replaceAll("|", "/")}\`` : "";
