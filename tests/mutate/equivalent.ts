import { readFileSync } from "node:fs";
import type { Mutant } from "./results.ts";

/** A mutant that does the same as the original, so that nothing can notice it. */
export type Equivalent = {
  /** Function or file. */
  readonly in: string;
  readonly line: string;
  readonly mutant: string;
  /** Which of several equal lines, from 1; the first if not given. */
  readonly occurrence?: number;
  readonly reason: string;
};

const LIST = new URL("equivalent.json", import.meta.url);

export const readEquivalents = (): Equivalent[] => JSON.parse(readFileSync(LIST, "utf8")) as Equivalent[];

/** Why a mutant changes nothing; undefined when nobody says so. */
export const reasonFor = (
  equivalents: readonly Equivalent[],
  name: string,
  { line, mutant, occurrence = 1 }: Pick<Mutant, "line" | "mutant" | "occurrence">,
): string | undefined =>
  equivalents.find(
    (other) =>
      other.in === name &&
      other.line === line &&
      other.mutant === mutant &&
      (other.occurrence ?? 1) === occurrence,
  )?.reason;

/** Those of a function or file that are none of its mutants. */
export const findStale = (
  equivalents: readonly Equivalent[],
  name: string,
  mutants: readonly Mutant[],
): Equivalent[] =>
  equivalents.filter(
    (equivalent) =>
      equivalent.in === name &&
      !mutants.some((mutant) => reasonFor([equivalent], name, mutant) !== undefined),
  );
