import { expect, test } from "vitest";
import { renderFlame } from "./flame-svg.ts";

const leaf = (name: string, time: number) => ({ name, origin: "project" as const, time, callees: [] });

test("widths are shares of the busy time, wider callees come first, and what cannot be seen is left out", () => {
  const outer = {
    ...leaf("outer", 900),
    callees: [leaf("small", 100), leaf("<wide>", 800), leaf("tiny", 0.5)],
  };
  const svg = renderFlame("process", { ...leaf("all", 1_000), callees: [outer, leaf("other", 100)] });
  const frames = [
    ...svg.matchAll(/<title>([^<]*): [\d.]+ %<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g),
  ];
  expect(frames.map(([, name, x, , width]) => [name, Number(x), Number(width)])).toEqual([
    ["outer", 0, 1_079.5],
    ["&lt;wide&gt;", 0, 959.5],
    ["small", 960, 119.5],
    ["other", 1_080, 119.5],
  ]);
  expect(Number(frames[1]![3])).toBeGreaterThan(Number(frames[0]![3]));
});
