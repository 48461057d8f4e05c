/** The median and the range of a few measurements. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** @throws Error when there are none */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error("no measurements to summarise");
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? min) + (sorted[Math.floor(middle)] ?? max)) / 2;
  return { median, min, max };
};

/** The value that a share `q` (0 to 1) of the sorted values does not exceed: the nearest-rank quantile. */
export const quantileOf = (sorted: ArrayLike<number>, q: number): number => {
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
};
