export type Arguments = { readonly names: readonly string[]; readonly quick: boolean };

/** @throws Error naming what there is */
export const readArguments = (args: readonly string[], known: readonly string[]): Arguments => {
  const names = args.filter((arg) => arg !== "--quick");
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`there is no bench ${unknown.join(", ")}; there are ${known.join(", ")}, and --quick`);
  }
  return { names: names.length > 0 ? names : known, quick: args.includes("--quick") };
};
