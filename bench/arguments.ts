export type Arguments = {
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly profile: boolean;
  /** Measure nothing: write the pages anew from the results that are there. */
  readonly pages: boolean;
};

/** What `--help` says. */
export const helpOn = (known: readonly string[]): string => `npm run bench [-- names] [options]

Runs paired benchmarks, prints their ratios, and writes them to docs/benchmarks.md and docs/benchmarks/. Without a name all of them:
${known.join(", ")}.

  --quick      few and short rounds, not written anywhere
  --profile    where the CPU time goes, in place of the ratios
  --pages      measures nothing, and writes the pages anew from docs/benchmarks/results.json
  --help       this text`;

/** @throws Error naming what there is */
export const readArguments = (args: readonly string[], known: readonly string[]): Arguments => {
  const wanted = args.filter((arg) => !OPTIONS.has(arg));
  // A group goes by the first word of its names.
  const named = (name: string): string[] =>
    known.filter((each) => each === name || each.startsWith(`${name}-`));
  const unknown = wanted.filter((name) => named(name).length === 0);
  if (unknown.length > 0) {
    throw new Error(
      `there is no bench ${unknown.join(", ")}; there are ${known.join(", ")}, and the options ${[...OPTIONS].join(", ")}`,
    );
  }
  return {
    names: wanted.length > 0 ? wanted.flatMap(named) : known,
    quick: args.includes("--quick"),
    profile: args.includes("--profile"),
    pages: args.includes("--pages"),
  };
};

const OPTIONS = new Set(["--quick", "--profile", "--pages"]);
