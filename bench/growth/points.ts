import type { SideSummary } from "../measure/comparison.ts";
import type { Point } from "./curve.ts";

/** A side's rate at the size `x`. */
export const ratePoint = (x: number, { rate }: SideSummary): Point => ({
  x,
  y: rate.median,
  min: rate.min,
  max: rate.max,
});
