import { readFileSync } from "node:fs";
import { type Mutation, mutatedLine, originalLine } from "./operators.ts";

/** A mutant that does the same as the original, so that nothing can notice it. */
export type Equivalent = {
  /** Function or file. */
  readonly in: string;
  readonly line: string;
  readonly mutant: string;
  readonly reason: string;
};

const LIST = new URL("equivalent.json", import.meta.url);

export const readEquivalents = (): Equivalent[] => JSON.parse(readFileSync(LIST, "utf8")) as Equivalent[];

/** Why a mutation changes nothing; undefined when nobody says so. */
export const reasonFor = (
  equivalents: readonly Equivalent[],
  name: string,
  source: string,
  mutation: Mutation,
): string | undefined =>
  equivalents.find(
    ({ in: place, line, mutant }) =>
      place === name && line === originalLine(source, mutation) && mutant === mutatedLine(source, mutation),
  )?.reason;

/** Those whose line is no longer there, or has no such mutant. */
export const findStale = (
  equivalents: readonly Equivalent[],
  name: string,
  source: string,
  mutations: readonly Mutation[],
): Equivalent[] =>
  equivalents.filter(
    (equivalent) =>
      equivalent.in === name &&
      !mutations.some((mutation) => reasonFor([equivalent], name, source, mutation) !== undefined),
  );
