import type { BenchResult } from "../bench.ts";
import { ratePerCore } from "../measure/comparison.ts";
import { formatBound, formatNumber, formatProcesses, formatSpread, formatValue } from "./format.ts";

/** A bench's result for people at a terminal: medians, and minimum to maximum in brackets. */
export const renderForTerminal = ({ sides, findings, notes }: BenchResult): string => {
  const lines: string[] = [];
  for (const side of sides) {
    const latency = side.p50Ms && side.p99Ms;
    lines.push(
      `  ${side.name}: ${formatSpread(side.rate)} ${side.unit}/s` +
        (latency ? `, p50 ${formatSpread(side.p50Ms)} ms, p99 ${formatSpread(side.p99Ms)} ms` : "") +
        (side.p999Ms ? `, p99.9 ${formatSpread(side.p999Ms)} ms` : ""),
    );
    if (Object.keys(side.cpuPerMillion).length === 0) continue;
    lines.push(`    CPU seconds per million ${side.unit}: ${formatProcesses(side.cpuPerMillion)}`);
    const perCore = ratePerCore(side);
    lines.push(
      `    cores busy: ${formatProcesses(side.coresBusy)}` +
        (perCore ? `; ${formatNumber(perCore)} ${side.unit}/s per core` : ""),
    );
    if (side.rssMb) lines.push(`    resident MB: ${formatProcesses(side.rssMb)}`);
  }
  for (const finding of findings) {
    const { perRound } = finding;
    const bound = formatBound(finding);
    lines.push(
      `  ${finding.label}: ${formatValue(finding)}` +
        (perRound ? `; by round ${formatSpread(perRound)}` : "") +
        (bound ? `   floor ${bound}` : ""),
    );
  }
  return [...lines, ...notes.map((note) => `  · ${note}`)].join("\n");
};
