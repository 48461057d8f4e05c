import { execFileSync } from "node:child_process";

export type Watched = { readonly name: string; readonly pid: number };

/** Resident memory of a process and its descendants at a moment, in bytes. */
export type MemorySample = { readonly name: string; readonly at: number; readonly bytes: number };

const EVERY_MS = 1_000;

/**
 * Looks at the memory of these processes, with all that they started, once a second until stopped.
 * @returns stops watching, and gives what was seen
 */
export const watchMemory = (processes: readonly Watched[], now: () => number): (() => MemorySample[]) => {
  const samples: MemorySample[] = [];
  const look = (): void => {
    const at = now();
    const bytesOf = readMemory();
    samples.push(...processes.map(({ name, pid }) => ({ name, at, bytes: bytesOf(pid) })));
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    return samples;
  };
};

const readMemory = (): ((pid: number) => number) => {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" }).trim().split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const sum = (pid: number): number =>
    processes.reduce((total, [own = 0, parent = 0, kibibytes = 0]) => {
      if (own === pid) return total + kibibytes * 1_024;
      return parent === pid ? total + sum(own) : total;
    }, 0);
  return sum;
};
