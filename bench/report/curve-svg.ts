import type { Curve, Point } from "../growth/curve.ts";
import { formatNumber } from "./format.ts";

const WIDTH = 640;
const HEIGHT = 300;
const EDGE = { left: 76, right: 24, top: 44, bottom: 52 };
const COLOURS = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700"];
const TICKS = 4;

/** A curve as an image: x logarithmic, y from zero; a bar at each point shows the range of the rounds. */
export const renderCurve = ({ title, across, unit, series }: Curve): string => {
  const points = series.flatMap((each) => each.points);
  const top = roundUp(Math.max(...points.map(({ max }) => max)));
  const xs = [...new Set(points.map(({ x }) => x))].toSorted((one, other) => one - other);
  const [low, high] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1)];
  const across01 = (x: number): number => (high === low ? 0.5 : (Math.log(x) - low) / (high - low));
  const left = (x: number): number => EDGE.left + across01(x) * (WIDTH - EDGE.left - EDGE.right);
  const down = (y: number): number => EDGE.top + (1 - y / top) * (HEIGHT - EDGE.top - EDGE.bottom);

  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => (top * tick) / TICKS).flatMap((y) => [
    `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${at(down(y))}" y2="${at(down(y))}" stroke="#d0d7de"/>`,
    text(EDGE.left - 8, down(y) + 4, "end", formatNumber(y)),
  ]);
  const names = xs.map((x) => text(left(x), HEIGHT - EDGE.bottom + 18, "middle", shortNumber(x)));
  const lines = series.flatMap(({ name, points: own }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? "black";
    const path = own.map(({ x, y }) => `${at(left(x))},${at(down(y))}`).join(" ");
    const bar = ({ x, min, max }: Point): string =>
      `<line x1="${at(left(x))}" x2="${at(left(x))}" y1="${at(down(min))}" y2="${at(down(max))}" stroke="${colour}"/>`;
    const dot = ({ x, y }: Point): string =>
      `<circle cx="${at(left(x))}" cy="${at(down(y))}" r="3" fill="${colour}"/>`;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.map(bar),
      ...own.map(dot),
      text(WIDTH - EDGE.right, EDGE.top - 8 + index * 14, "end", name, colour),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(EDGE.left, 18, "start", `${title} (${unit})`),
    ...grid,
    ...names,
    text(WIDTH / 2, HEIGHT - 12, "middle", across),
    ...lines,
    "</svg>",
    "",
  ].join("\n");
};

const text = (x: number, y: number, anchor: string, words: string, colour = "#24292f"): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="${colour}">${escape(words)}</text>`;

const at = (position: number): string => position.toFixed(1);

const escape = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// 1, 2, 5 times a power of ten.
const roundUp = (value: number): number => {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
};

// 10⁴ and more as a power where it is one.
const shortNumber = (value: number): string => {
  const exponent = Math.round(Math.log10(value));
  return exponent >= 4 && 10 ** exponent === value
    ? `10${String(exponent).replaceAll(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "")}`
    : value.toLocaleString("en");
};
