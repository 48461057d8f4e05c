import { readFileSync } from "node:fs";
import type { Measured } from "./cpu.ts";

/**
 * Resident memory of each process by itself, without its children, in MB (10^6 bytes), the largest of replicas;
 * nothing where there is no /proc.
 */
export const residentMb = (processes: readonly Measured[]): Record<string, number> => {
  const resident: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const kib = kibOf(pid, "VmRSS");
    if (kib !== undefined) resident[name] = Math.max(resident[name] ?? 0, (kib * 1_024) / 1_000_000);
  }
  return resident;
};

/** The most memory that each process has held so far, in MiB, the largest of replicas; nothing where there is no /proc. */
export const peakMemory = (processes: readonly Measured[]): Record<string, number> => {
  const peaks: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const kib = kibOf(pid, "VmHWM");
    if (kib !== undefined) peaks[name] = Math.max(peaks[name] ?? 0, Math.round(kib / 1_024));
  }
  return peaks;
};

// proc_pid_status(5): VmRSS is the resident set size, VmHWM its peak.
const kibOf = (pid: number, field: "VmRSS" | "VmHWM"): number | undefined => {
  try {
    const line = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m");
    const kib = line.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : Number(kib);
  } catch {
    return undefined;
  }
};
