import { expect, test } from "vitest";
import { plotOf, renderPlot } from "./plot.ts";

const rate = { median: 50, min: 40, max: 100 };

test("bars are as long as their values are to the largest one", () => {
  const svg = renderPlot({
    title: "requests a second",
    bars: [
      { label: "one", ...rate },
      { label: "two", median: 100, min: 90, max: 100 },
    ],
  });
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths[1]! / widths[0]!).toBeCloseTo(2, 1);
});

test("names are escaped, so that the file stays XML", () => {
  const svg = renderPlot({ title: "a < b", bars: [{ label: `"x" & y`, ...rate }] });
  expect(svg).toContain("a &lt; b");
  expect(svg).toContain("&quot;x&quot; &amp; y");
});

test("a bench that says nothing shows the rates of its sides", () => {
  const side = { name: "bare", unit: "requests", rounds: 1, rate, cpuPerMillion: {}, coresBusy: {} };
  expect(plotOf({ sides: [side] })).toEqual({
    title: "requests a second",
    bars: [{ label: "bare", ...rate }],
  });
});
