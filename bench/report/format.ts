import type { Finding } from "../measure/comparison.ts";
import { verdictOf } from "../measure/comparison.ts";
import type { Spread } from "../measure/statistics.ts";

/** 17,204; below ten with two decimals. */
export const formatNumber = (value: number): string =>
  value.toLocaleString("en", Math.abs(value) < 10 ? TWO_DECIMALS : NO_DECIMALS);

const TWO_DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const NO_DECIMALS = { maximumFractionDigits: 0 };

export const formatSpread = ({ median, min, max }: Spread): string =>
  `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;

/** Processes with what each used, the busiest first. */
export const formatProcesses = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(", ");

export const formatValue = ({ value, unit }: Finding): string =>
  unit === "×" ? `${formatNumber(value)} ×` : `${formatNumber(value)} ${unit}`;

/** "≥ 0.50 × ok", or nothing where there is no bound. */
export const formatBound = (finding: Finding): string => {
  const { floor, ceiling, unit } = finding;
  if (floor !== undefined) return `≥ ${formatNumber(floor)} ${unit}: ${verdictOf(finding)}`;
  if (ceiling !== undefined) return `≤ ${formatNumber(ceiling)} ${unit}: ${verdictOf(finding)}`;
  return "";
};
