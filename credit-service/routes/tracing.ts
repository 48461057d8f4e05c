import type { AppContext } from "../../platform/http/create-app.ts";
import { REQUEST_ID_HEADER } from "../../platform/http/request-id.ts";
import { TRACEPARENT_HEADER } from "../../platform/observability/trace-context.ts";

/** What ties everything that a request causes to that request. */
export const tracing = (c: AppContext): Record<string, string> => ({
  [TRACEPARENT_HEADER]: c.var.traceparent,
  [REQUEST_ID_HEADER]: c.var.requestId,
});
