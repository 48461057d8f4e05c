import type { Frame } from "../profile/call-tree.ts";
import { escapeXml } from "./plot.ts";

const WIDTH = 1_200;
const ROW = 17;
const HEAD = 44;
const LETTER = 6.2;
// Narrower than this nothing can be told apart.
const LEAST_WIDTH = 2;

const COLOURS = { project: "#e0803c", package: "#d9b44a", node: "#7aa6c2", native: "#a7a7a7" } as const;
const MEANINGS = {
  project: "the project",
  package: "packages",
  node: "Node",
  native: "V8 and the system",
} as const;

/**
 * A flame graph, callers above what they call: the width is the share of the time that the process was busy. Each frame
 * has its whole name and share as a title, which browsers show under the pointer.
 */
export const renderFlame = (title: string, root: Frame): string => {
  const rows: string[] = [];
  let depth = 0;
  const draw = (frame: Frame, x: number, level: number): void => {
    depth = Math.max(depth, level);
    let left = x;
    for (const callee of frame.callees.toSorted((one, other) => other.time - one.time)) {
      const width = (callee.time / root.time) * WIDTH;
      if (width < LEAST_WIDTH) continue;
      rows.push(renderFrame(callee, left, level, width, root.time));
      draw(callee, left, level + 1);
      left += width;
    }
  };
  draw(root, 0, 0);
  const height = HEAD + depth * ROW + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="10" fill="#1a1a1a" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#faf7f2"/>`,
    `<text x="8" y="16" font-size="13" font-weight="bold">${escapeXml(title)}</text>`,
    ...renderLegend(),
    ...rows,
    "</svg>",
    "",
  ].join("\n");
};

const renderFrame = (frame: Frame, x: number, level: number, width: number, all: number): string => {
  const { name, origin, time } = frame;
  const letters = Math.floor((width - 6) / LETTER);
  const text = letters < 4 ? "" : name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
  const top = HEAD + level * ROW;
  const share = ((time / all) * 100).toFixed(1);
  const label = text && `<text x="${round(x + 3)}" y="${top + 11}">${escapeXml(text)}</text>`;
  return `<g><title>${escapeXml(name)}: ${share} %</title><rect x="${round(x)}" y="${top}" width="${round(width - 0.5)}" height="${ROW - 1}" fill="${COLOURS[origin]}"/>${label}</g>`;
};

const renderLegend = (): string[] =>
  Object.entries(MEANINGS).map(
    ([origin, meaning], index) =>
      `<rect x="${8 + index * 140}" y="25" width="10" height="10" fill="${COLOURS[origin as Frame["origin"]]}"/>` +
      `<text x="${22 + index * 140}" y="34">${meaning}</text>`,
  );

const round = (value: number): number => Math.round(value * 10) / 10;
