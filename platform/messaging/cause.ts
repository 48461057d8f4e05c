import { REQUEST_ID_HEADER } from "../http/request-id.ts";
import { TRACEPARENT_HEADER, continueTrace } from "../observability/trace-context.ts";
import { type TraceIds, type Tracing, traceIdsOf } from "../observability/trace-ids.ts";
import type { Delivery } from "./delivery.ts";
import { headersOf } from "./headers-of.ts";

/** What ties an event to the request that caused it. */
export type Cause = {
  /** For what is announced in turn: the same trace, and the request's id. */
  headers: Tracing;
  /** For log lines. */
  ids: TraceIds;
};

export type Caused<Event> = Event & { cause?: Cause };

/** Undefined where the message tells of no trace. */
export const causeOf = (delivery: Pick<Delivery, "body" | "headerBytes">): Cause | undefined => {
  const carried = headersOf(delivery);
  const given = carried?.get(TRACEPARENT_HEADER);
  if (!given) return undefined;
  const requestId = carried?.get(REQUEST_ID_HEADER);
  const headers = {
    [TRACEPARENT_HEADER]: continueTrace(given),
    ...(requestId && { [REQUEST_ID_HEADER]: requestId }),
  };
  return { headers, ids: traceIdsOf(headers) };
};
