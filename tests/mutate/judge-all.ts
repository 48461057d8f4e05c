import { randomFor } from "../../simulator/domain/random.ts";
import { type Equivalent, findStale, reasonFor } from "./equivalent.ts";
import type { Verdict } from "./judge-sql.ts";
import {
  type Language,
  type Mutation,
  describeMutation,
  findMutations,
  lineOf,
  mutatedLine,
  occurrenceOf,
  originalLine,
} from "./operators.ts";
import type { Options } from "./options.ts";
import { type Mutant, type Result, digestOf } from "./results.ts";

/** `equivalent`: somebody says that it cannot be noticed, so that the quick judges are enough. */
export type Judge = (
  name: string,
  source: string,
  mutation: Mutation,
  equivalent: boolean,
) => Promise<Verdict>;

export type Judging = {
  readonly equivalents: readonly Equivalent[];
  /** What earlier runs found. */
  readonly before: readonly Result[];
  /** YYYY-MM-DD. */
  readonly today: string;
  readonly judge: Judge;
  readonly onJudged: (result: Result) => void;
};

/**
 * Judges every mutant of the sources, and whether the list of equivalent ones is still right.
 * @returns what is wrong
 */
export const judgeAll = async (
  sources: ReadonlyMap<string, string>,
  language: Language,
  { sample, seed, again }: Options,
  { equivalents, before, today, judge, onJudged }: Judging,
): Promise<string[]> => {
  const random = randomFor(seed, language);
  const complaints: string[] = [];
  for (const [name, source] of sources) {
    const all = findMutations(source, language);
    const earlier = again ? before.find((result) => isOf(result, name, source)) : undefined;
    if (again && !earlier) {
      complaints.push(`not judged as it is now: run it without --again  ${name}`);
      continue;
    }
    const tally = { killed: earlier?.killed ?? 0, survived: 0, invalid: earlier?.invalid ?? 0 };
    const survived: Mutant[] = [];
    const chosen = all
      .filter(() => random() * 100 < sample)
      .map((mutation) => ({ mutation, mutant: describe(source, mutation) }))
      .filter(({ mutant }) => !earlier || isOpen(earlier, mutant));
    // After each, so that a run that is stopped loses nothing.
    const note = (left: typeof chosen): void =>
      onJudged({
        name,
        judged: today,
        digest: digestOf(source),
        mutants: tally.killed + tally.invalid + survived.length,
        killed: tally.killed,
        invalid: tally.invalid,
        survived: [...survived],
        ...(left.length > 0 && { left: left.map(({ mutant }) => mutant) }),
      });
    for (const [index, { mutation, mutant }] of chosen.entries()) {
      const reason = reasonFor(equivalents, name, mutant);
      const verdict = await judge(name, source, mutation, reason !== undefined);
      tally[verdict] += 1;
      if (verdict === "survived") survived.push(mutant);
      const complaint = complain(verdict, reason);
      if (complaint) complaints.push(`${complaint}  ${name}, ${describeMutation(source, mutation)}`);
      if (complaint) console.log(`  ${complaints.at(-1)!}`);
      note(chosen.slice(index + 1));
    }
    if (chosen.length === 0) note([]);
    const mutants = all.map((mutation) => describe(source, mutation));
    for (const { line } of findStale(equivalents, name, mutants))
      complaints.push(`no longer there, though listed as equivalent  ${name}: ${line}`);
    const { killed, invalid } = tally;
    console.log(
      `${name}: ${killed + invalid + survived.length} mutants, ${killed} killed, ${survived.length} survived, ${invalid} not valid`,
    );
  }
  return complaints;
};

// A source that has changed since has other mutants.
const isOf = (result: Result, name: string, source: string): boolean =>
  result.name === name && result.digest === digestOf(source);

const isOpen = ({ survived, left = [] }: Result, mutant: Mutant): boolean =>
  [...survived, ...left].some((other) => isSame(other, mutant));

const isSame = (a: Mutant, b: Mutant): boolean => a.number === b.number && a.mutant === b.mutant;

const complain = (verdict: Verdict, reason: string | undefined): string | undefined => {
  if (verdict === "survived") return reason === undefined ? "survived" : undefined;
  return reason === undefined ? undefined : "killed, though listed as equivalent";
};

const describe = (source: string, mutation: Mutation): Mutant => {
  const occurrence = occurrenceOf(source, mutation);
  return {
    number: lineOf(source, mutation),
    operator: `${mutation.from} → ${mutation.to}`,
    line: originalLine(source, mutation),
    mutant: mutatedLine(source, mutation),
    ...(occurrence > 1 && { occurrence }),
  };
};
