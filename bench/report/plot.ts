import type { BenchResult, Plot } from "../bench.ts";
import { formatNumber } from "./format.ts";

/** What a bench's plot shows: what it says itself, or the rates of its sides. */
export const plotOf = ({ sides, plot }: Pick<BenchResult, "sides" | "plot">): Plot =>
  plot ?? {
    title: `${sides[0]?.unit ?? ""} a second`,
    bars: sides.map(({ name, rate }) => ({ label: name, ...rate })),
  };

const WIDTH = 760;
const LABELS = 300;
const VALUES = 150;
const ROW = 26;
const BAR = 14;
const HEAD = 30;

/** Horizontal bars: the median, and a line from minimum to maximum. Legible on light and dark pages. */
export const renderPlot = ({ title, bars }: Plot): string => {
  const most = Math.max(...bars.map(({ max }) => max), Number.MIN_VALUE);
  const scale = (value: number): number => Math.round((value / most) * (WIDTH - LABELS - VALUES) * 10) / 10;
  const height = HEAD + bars.length * ROW + 8;
  const rows = bars.map(({ label, median, min, max }, index) => {
    const top = HEAD + index * ROW;
    const middle = top + BAR / 2;
    return [
      `<text x="${LABELS - 8}" y="${top + 11}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${LABELS}" y="${top}" width="${scale(median)}" height="${BAR}" fill="#4f7cac"/>`,
      `<line x1="${LABELS + scale(min)}" x2="${LABELS + scale(max)}" y1="${middle}" y2="${middle}" stroke="#d1603d" stroke-width="2"/>`,
      `<text x="${LABELS + scale(max) + 8}" y="${top + 11}">${formatNumber(median)}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#6b7280" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<text x="8" y="18" font-size="13" font-weight="bold">${escapeXml(title)}: median, and minimum to maximum</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
};

export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
