import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

export type Mutant = {
  readonly number: number;
  /** As `<= → <`. */
  readonly operator: string;
  readonly line: string;
  /** The line with the operator changed. */
  readonly mutant: string;
  /** Which of several equal lines it is, from 1; the first if not given. */
  readonly occurrence?: number;
};

/** What became of the mutants of one function or file. */
export type Result = {
  readonly name: string;
  /** A day, YYYY-MM-DD. */
  readonly judged: string;
  /** Of the source that was judged. */
  readonly digest: string;
  readonly mutants: number;
  readonly killed: number;
  /** Not taken by the database: of wrong types, say. */
  readonly invalid: number;
  /** Equivalent ones among them. */
  readonly survived: readonly Mutant[];
  /** What a run that was stopped did not come to; none if not given. */
  readonly left?: readonly Mutant[];
};

const FILE = new URL("results.json", import.meta.url);

export const readResults = (): Result[] => JSON.parse(readFileSync(FILE, "utf8")) as Result[];

/** Puts new results in the place of older ones, and drops what is no longer judged at all. */
export const mergeResults = (
  before: readonly Result[],
  after: readonly Result[],
  names: readonly string[],
): Result[] =>
  names.flatMap(
    (name) =>
      after.find((result) => result.name === name) ?? before.find((result) => result.name === name) ?? [],
  );

export const writeResults = (results: readonly Result[]): void =>
  writeFileSync(FILE, `${JSON.stringify(results, undefined, 2)}\n`);

export const digestOf = (source: string): string =>
  createHash("sha256").update(source).digest("hex").slice(0, 16);
