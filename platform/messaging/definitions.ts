/** What a stream must look like; `contracts/streams.ts` holds the real ones. */
export type StreamSpec = {
  name: string;
  subjects: string[];
  maxAgeMs: number;
  maxBytes: number;
  /** How long the broker remembers message ids, in ms. */
  duplicateWindowMs?: number;
};

/** What a durable pull consumer must look like. */
export type ConsumerSpec = {
  stream: string;
  name: string;
  filterSubject: string;
  ackWaitMs: number;
};
