export type Arguments = {
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly profile: boolean;
};

/** @throws Error naming what there is */
export const readArguments = (args: readonly string[], known: readonly string[]): Arguments => {
  const names = args.filter((arg) => !OPTIONS.has(arg));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `there is no bench ${unknown.join(", ")}; there are ${known.join(", ")}, and the options ${[...OPTIONS].join(", ")}`,
    );
  }
  return {
    names: names.length > 0 ? names : known,
    quick: args.includes("--quick"),
    profile: args.includes("--profile"),
  };
};

const OPTIONS = new Set(["--quick", "--profile"]);
