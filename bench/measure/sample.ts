/** What one round of one side gave. */
export type Sample = {
  /** How many requests or events were done. */
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly p999Ms?: number;
  /** Resident memory of each process at the end, in MB, the largest of its replicas; empty as cpu is. */
  readonly rssMb?: Readonly<Record<string, number>>;
  /** CPU seconds that each process used meanwhile; empty where the system does not tell. */
  readonly cpu: Readonly<Record<string, number>>;
};

/** One of the things that a bench compares: it runs once a round. */
export type Side = {
  readonly name: string;
  /** What `count` counts: requests, events, rows. */
  readonly unit: string;
  /** Puts things in place before a round; not measured. */
  readonly prepare?: (round: number) => Promise<void>;
  readonly measure: (round: number) => Promise<Sample>;
};

export const rateOf = (sample: Sample): number => sample.count / sample.seconds;
