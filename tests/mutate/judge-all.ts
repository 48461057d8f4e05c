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

export type Judged = { readonly results: Result[]; readonly complaints: string[] };

/** Judges every mutant of the sources, and whether the list of equivalent ones is still right. */
export const judgeAll = async (
  sources: ReadonlyMap<string, string>,
  language: Language,
  { only, sample, seed }: Options,
  { equivalents, today, judge }: { equivalents: readonly Equivalent[]; today: string; judge: Judge },
): Promise<Judged> => {
  const random = randomFor(seed, language);
  const judged: Judged = { results: [], complaints: [] };
  for (const [name, source] of sources) {
    if (!name.includes(only)) continue;
    const all = findMutations(source, language);
    const mutations = all.filter(() => random() * 100 < sample);
    const counts = { killed: 0, survived: 0, invalid: 0 };
    const survived: Mutant[] = [];
    const equivalent: (Mutant & { reason: string })[] = [];
    for (const mutation of mutations) {
      const reason = reasonFor(equivalents, name, source, mutation);
      const verdict = await judge(name, source, mutation, reason !== undefined);
      counts[verdict] += 1;
      const complaint = complain(verdict, reason);
      if (complaint) judged.complaints.push(`${complaint}  ${name}, ${describeMutation(source, mutation)}`);
      if (complaint) console.log(`  ${judged.complaints.at(-1)!}`);
      if (verdict !== "survived") continue;
      const mutant = describe(source, mutation);
      if (reason === undefined) survived.push(mutant);
      else equivalent.push({ ...mutant, reason });
    }
    for (const { line } of findStale(equivalents, name, source, all))
      judged.complaints.push(`no longer there, though listed as equivalent  ${name}: ${line}`);
    const { killed, invalid } = counts;
    judged.results.push({
      name,
      judged: today,
      digest: digestOf(source),
      mutants: mutations.length,
      killed,
      invalid,
      equivalent,
      survived,
    });
    console.log(
      `${name}: ${killed} killed, ${survived.length} survived, ${equivalent.length} equivalent, ${invalid} not valid`,
    );
  }
  return judged;
};

const complain = (verdict: Verdict, reason: string | undefined): string | undefined => {
  if (verdict === "survived") return reason === undefined ? "survived" : undefined;
  return reason === undefined ? undefined : "killed, though listed as equivalent";
};

const describe = (source: string, mutation: Mutation): Mutant => ({
  line: lineOf(source, mutation),
  operator: `${mutation.from} → ${mutation.to}`,
  text: mutatedLine(source, mutation),
});
