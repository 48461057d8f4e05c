import { readdirSync, readFileSync } from "node:fs";

/** A process whose CPU time is counted together with that of its descendants. */
export type Measured = { readonly name: string; readonly pid: number };

// USER_HZ: /proc counts in hundredths of a second on every Linux that Node runs on (proc(5)).
const TICKS_PER_SECOND = 100;

/**
 * Starts counting; the function it returns gives the CPU seconds that each process has used since, replicas with
 * one name summed. It gives nothing where there is no /proc.
 */
export const countCpu = (processes: readonly Measured[]): (() => Record<string, number>) => {
  if (process.platform !== "linux") return () => ({});
  const before = cpuSeconds(processes);
  return () => {
    const after = cpuSeconds(processes);
    return Object.fromEntries(Object.entries(after).map(([name, s]) => [name, s - (before[name] ?? 0)]));
  };
};

const cpuSeconds = (processes: readonly Measured[]): Record<string, number> => {
  const stats = readStats();
  const seconds: Record<string, number> = {};
  for (const { name, pid } of processes) {
    seconds[name] = (seconds[name] ?? 0) + treeTicks(pid, stats) / TICKS_PER_SECOND;
  }
  return seconds;
};

type Stat = { parent: number; ticks: number };

// What ended children used is in their parent's cutime and cstime once it has waited for them.
const treeTicks = (pid: number, stats: ReadonlyMap<number, Stat>): number => {
  let ticks = stats.get(pid)?.ticks ?? 0;
  for (const [child, { parent }] of stats) if (parent === pid) ticks += treeTicks(child, stats);
  return ticks;
};

const readStats = (): Map<number, Stat> => {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat) stats.set(pid, stat);
  }
  return stats;
};

const readStat = (pid: number): Stat | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
};

/** proc(5): after the name in brackets, which may itself hold spaces, field 4 is ppid and 14 to 17 the times. */
export const parseStat = (line: string): Stat => {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), ticks };
};
