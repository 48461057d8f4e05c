/** A measure against what grows. */
export type Curve = {
  readonly title: string;
  /** What grows; its axis is logarithmic. */
  readonly across: string;
  readonly unit: string;
  readonly series: readonly Series[];
};

export type Series = { readonly name: string; readonly points: readonly Point[] };

/** The median of the rounds at one size, and their range. */
export type Point = {
  readonly x: number;
  readonly y: number;
  readonly min: number;
  readonly max: number;
};
