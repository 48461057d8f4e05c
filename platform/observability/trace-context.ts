import { randomBytes } from "node:crypto";

// W3C Trace Context level 1: version-traceid-parentid-flags; all-zero ids are invalid.
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

export const TRACEPARENT_HEADER = "traceparent";

/** The `traceparent` to pass on: the caller's trace with a new parent id, or a new trace. */
export const continueTrace = (traceparent: string | undefined): string => {
  const match = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  const traceId = match?.[1] ?? randomBytes(16).toString("hex");
  return `00-${traceId}-${randomBytes(8).toString("hex")}-${match?.[2] ?? "01"}`;
};

/** The trace id inside a `traceparent` that `continueTrace` made. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
