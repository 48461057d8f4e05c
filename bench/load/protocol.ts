/** One HTTP request, as text. */
export type RequestText = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A closed loop: each connection sends its next request when the last one is answered. */
export type LoadJob = {
  readonly target: string;
  /** Name of a pool of requests that was handed over before; requests are taken from it in turn. */
  readonly pool: string;
  readonly connections: number;
  /** When to stop: after a time, or after so many answers. */
  readonly until: { readonly seconds: number } | { readonly answers: number };
  readonly expectedStatus: number;
  /** What such an answer must hold besides, in its first part. */
  readonly expectedText?: string;
};

/** An open loop: requests come at a constant rate, answered or not. */
export type OpenLoadJob = Omit<LoadJob, "until"> & {
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
};

export type LoadResult = {
  /** Answers with the expected status. */
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Everything else, by status or kind of failure. */
  readonly unexpected: Readonly<Record<string, number>>;
};

/** What the parent sends to a generator process, and what comes back. */
export type ToGenerator =
  | { readonly kind: "pool"; readonly id: number; readonly name: string; readonly requests: RequestText[] }
  | { readonly kind: "run"; readonly id: number; readonly job: LoadJob | OpenLoadJob };
export type FromGenerator =
  | { readonly id: number; readonly result: LoadResult | null }
  | { readonly id: number; readonly error: string };
