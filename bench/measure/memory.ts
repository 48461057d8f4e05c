import { readFileSync } from "node:fs";
import type { Measured } from "./cpu.ts";

/** The most memory that each process has held so far, in MiB, the largest of replicas; nothing where there is no /proc. */
export const peakMemory = (processes: readonly Measured[]): Record<string, number> => {
  const peaks: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const peak = peakOf(pid);
    if (peak !== undefined) peaks[name] = Math.max(peaks[name] ?? 0, peak);
  }
  return peaks;
};

// proc_pid_status(5): VmHWM is the peak resident set size.
const peakOf = (pid: number): number | undefined => {
  try {
    const kib = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : Math.round(Number(kib) / 1_024);
  } catch {
    return undefined;
  }
};
