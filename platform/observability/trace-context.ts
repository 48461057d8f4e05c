import { randomFillSync } from "node:crypto";

// W3C Trace Context level 1: version-traceid-parentid-flags; all-zero ids are invalid.
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

export const TRACEPARENT_HEADER = "traceparent";

/** The `traceparent` to pass on: the caller's trace with a new parent id, or a new trace. */
export const continueTrace = (traceparent: string | undefined): string => {
  const match = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  const traceId = match?.[1] ?? randomHex(16);
  return `00-${traceId}-${randomHex(8)}-${match?.[2] ?? "01"}`;
};

/** The trace id inside a `traceparent` that `continueTrace` made. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

// Drawn for many ids at a time: one call each would cost more than the id.
const pool = Buffer.alloc(4_096);
let used = pool.length;

const randomHex = (bytes: number): string => {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString("hex", used, (used += bytes));
};
