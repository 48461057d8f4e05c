// Steps of a tenth: a percentile is at most 5 % off, and a minute is 116 buckets.
const GROWTH = 1.1;
const SMALLEST_MS = 0.05;

/** Times counted in buckets that grow evenly: as exact for a millisecond as for a minute, and always small. */
export type LatencyHistogram = {
  readonly record: (ms: number) => void;
  readonly count: () => number;
  readonly max: () => number;
  /** The time that so large a share of the calls (0 to 1) did not exceed, in ms; 0 when there were none. */
  readonly percentile: (share: number) => number;
};

export const createLatencyHistogram = (): LatencyHistogram => {
  const buckets: number[] = [];
  let count = 0;
  let max = 0;
  return {
    record: (ms) => {
      const bucket = bucketOf(ms);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count++;
      max = Math.max(max, ms);
    },
    count: () => count,
    max: () => max,
    percentile: (share) => {
      let left = Math.max(Math.ceil(share * count), 1);
      for (const [bucket, calls] of buckets.entries()) {
        left -= calls ?? 0;
        if (left <= 0) return Math.min(middleOf(bucket), max);
      }
      return 0;
    },
  };
};

const bucketOf = (ms: number): number =>
  Math.max(Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH)), 0);

const middleOf = (bucket: number): number => SMALLEST_MS * GROWTH ** (bucket - 0.5);
