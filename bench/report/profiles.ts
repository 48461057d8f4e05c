import type { FunctionTime } from "../profile/top-functions.ts";
import { table } from "./markdown.ts";

/** The functions of one process that took most of its time. */
export type ProcessProfile = { readonly process: string; readonly functions: readonly FunctionTime[] };
export type BenchProfiles = { readonly bench: string; readonly profiles: readonly ProcessProfile[] };

/** A table for each bench that was profiled, a column for each process. */
export const renderProfiles = (benches: readonly BenchProfiles[]): string =>
  benches
    .map(({ bench, profiles }) => `\`npm run bench -- --profile ${bench}\`\n\n${tableOf(profiles)}`)
    .join("\n\n");

const tableOf = (profiles: readonly ProcessProfile[]): string =>
  table(
    profiles.map(({ process }) => process),
    Array.from({ length: Math.max(...profiles.map(({ functions }) => functions.length)) }, (_, row) =>
      profiles.map(({ functions }) => cell(functions[row])),
    ),
  );

const cell = (entry: FunctionTime | undefined): string =>
  entry ? `${(entry.share * 100).toFixed(1)} % \`${entry.name.replaceAll("|", "/")}\`` : "";
