import { parseArgs } from "node:util";

export type Options = {
  /** Only the function or file of this name, or where there is none those whose name holds it. */
  readonly only: string;
  readonly seed: number;
  /** A share of the mutants, drawn by the seed. */
  readonly sample: number;
  readonly operations: number;
  /** Only what survived or was left the last time, where the source is the same. */
  readonly again: boolean;
  /** Only writes the report anew. */
  readonly report: boolean;
};

export const HELP = `npm run mutate -- [options]

Replaces arithmetic and comparison operators of the money code, one at a time, and looks whether it is noticed: in the
functions of the database by the model of the ledger (as npm run ledger:model) or else by the tests of functions and
routes, in TypeScript by the test beside the file. No source is changed on disk; docs/mutation.md and
tests/mutate/results.json say what became of those judged, beside what earlier runs said of the others.

  --only TEXT      the function or file of this name, or else those whose name holds it (all)
  --sample N       so many per cent of the mutants, 1 to 100 (100); the report is left as it is below 100
  --operations N   that the model puts to a mutant, under each of three seeds, 100 to 100000 (1500)
  --seed N         of the sample and of the model (1)
  --again          judges only what survived or was left the last time, after a new test, say, or after a run that was
                   stopped; what has changed since it was judged is named
  --report         judges nothing, and writes the report of what earlier runs found
  --help           this text

Exit code: 0 none survived; 1 some did, or --again met what has changed, or what is listed in tests/mutate/equivalent.json is not so; 2 wrong options.`;

/** What `--only` chooses of all names there are. */
export const choose = (names: Iterable<string>, only: string): Set<string> => {
  const all = [...names];
  return new Set(all.includes(only) ? [only] : all.filter((name) => name.includes(only)));
};

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      sample: { type: "string", default: "100" },
      operations: { type: "string", default: "1500" },
      seed: { type: "string", default: "1" },
      again: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    only: values.only,
    again: values.again,
    report: values.report,
    sample: whole("--sample", values.sample, 1, 100),
    operations: whole("--operations", values.operations, 100, 100_000),
    seed: whole("--seed", values.seed, 1, Number.MAX_SAFE_INTEGER),
  };
};

const whole = (name: string, text: string, min: number, max: number): number => {
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};
