import { TRACEPARENT_HEADER } from "../observability/trace-context.ts";
import type { Tracing } from "../observability/trace-ids.ts";
import type { AppContext } from "./create-app.ts";
import { REQUEST_ID_HEADER } from "./request-id.ts";

/** What ties everything that a request causes to that request. */
export const tracing = (c: AppContext): Tracing => ({
  [TRACEPARENT_HEADER]: c.var.traceparent,
  [REQUEST_ID_HEADER]: c.var.requestId,
});
