import { traceIdOf } from "./trace-context.ts";

/** What ties everything that a request causes to that request: headers to send along. */
export type Tracing = Readonly<Record<string, string>>;

/** For log lines. */
export type TraceIds = { traceId?: string; requestId?: string };

/** What is known of the request behind what carries these headers. */
export const traceIdsOf = (headers: Tracing | null): TraceIds => {
  const { traceparent, "x-request-id": requestId } = headers ?? {};
  return { ...(traceparent && { traceId: traceIdOf(traceparent) }), ...(requestId && { requestId }) };
};
