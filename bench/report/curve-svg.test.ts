import { expect, test } from "vitest";
import { renderCurve } from "./curve-svg.ts";

const point = (x: number, y: number) => ({ x, y, min: y - 1, max: y + 1 });

test("a curve has a point for each size, its names escaped, and its highest value inside", () => {
  const svg = renderCurve({
    title: "Rows <committed>",
    across: "people & events",
    unit: "events/s",
    series: [{ name: "one", points: [point(100, 40), point(10_000, 49), point(1_000_000, 20)] }],
  });
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain("Rows &lt;committed&gt;");
  expect(svg).toContain("people &amp; events");
  expect(svg).toContain("10⁶");
  const heights = [...svg.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  expect(Math.max(...heights)).toBeLessThanOrEqual(248);
  // In the middle of a logarithmic axis.
  expect(svg).toContain('cx="346.0"');
});
