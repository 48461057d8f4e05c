/** The part of V8's .cpuprofile format that matters here. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

export type FunctionTime = { readonly name: string; readonly share: number };

const NOT_WORK = new Set(["(idle)", "(root)"]);

/**
 * Where a process spent its time by itself, not in what it called, as shares of the time that it was busy.
 * @param skippedMs how much of the beginning is left out
 */
export const topFunctions = (
  { nodes, samples, timeDeltas }: CpuProfile,
  count: number,
  skippedMs = 0,
): FunctionTime[] => {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    elapsed += timeDeltas[index] ?? 0;
    if (elapsed < skippedMs * 1_000) continue;
    const name = names.get(id) ?? "(unknown)";
    if (!NOT_WORK.has(name)) times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, time]) => ({ name, share: time / busy }));
};

export const nameOf = ({
  functionName,
  url,
  lineNumber,
}: CpuProfile["nodes"][number]["callFrame"]): string => {
  const name = functionName || "(anonymous)";
  if (!url) return name;
  const file = url.replace(/^file:\/\//, "").replace(/^.*\/node_modules\//, "");
  return `${name} ${file.replace(`${process.cwd()}/`, "")}:${lineNumber + 1}`;
};
