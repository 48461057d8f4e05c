import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import { routePath } from "hono/route";
import type { Context } from "hono";
import type { Registry } from "prom-client";
import { AppError } from "../errors/app-error.ts";
import { fieldErrors } from "../errors/field-errors.ts";
import { invalidBody } from "../errors/invalid-body.ts";
import type { Caller } from "../identity/caller.ts";
import { TRACEPARENT_HEADER } from "../observability/trace-context.ts";
import type { Logger } from "../observability/logger.ts";
import type { Health } from "./health.ts";
import { onlyKnownQuery } from "./known-query.ts";
import { createObserver } from "./observer.ts";
import type { Observer } from "./observer.ts";
import { problemResponse } from "./problem.ts";
import { requestHeader } from "./request-header.ts";
import { REQUEST_ID_HEADER } from "./request-id.ts";
import { toAppError } from "./to-app-error.ts";

export type HttpVariables = { requestId: string; traceparent: string; caller: Caller };
export type HttpEnv = { Variables: HttpVariables };
export type App = OpenAPIHono<HttpEnv>;
export type AppContext = Context<HttpEnv>;

export type AppDeps = { logger: Logger; metrics: Registry; health: Health };

/**
 * The HTTP application that every process starts from: request and trace ids, one log line and one measurement a
 * request, problem details for every error, and the health and metrics routes. A route of the contract (`openapi`)
 * takes in its query what its definition names; what probes and people's browsers ask for is not held to that.
 * @param observer shared with what answers requests beside the application
 */
export const createHttpApp = (deps: AppDeps, observer: Observer = createObserver(deps)): App => {
  const app: App = new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalid });
  checkQueries(app);
  app.use(observe(observer));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const { ready, checks } = await deps.health.readiness();
    return c.json({ status: ready ? "ready" : "not ready", checks }, ready ? 200 : 503);
  });
  app.get("/metrics", async (c) =>
    c.text(await deps.metrics.metrics(), 200, { "content-type": deps.metrics.contentType }),
  );
  app.notFound((c) =>
    problemResponse(
      new AppError("route_not_found", `No route for ${c.req.method} ${c.req.path}`),
      contextOf(c),
    ),
  );
  app.onError((error, c) => {
    const known = toAppError(error);
    if (known.code === "internal_error")
      deps.logger.error({ err: error, requestId: c.get("requestId") }, "request failed");
    return problemResponse(known, contextOf(c));
  });
  return app;
};

// A route's check stands right before its handler, so behind whatever was asked of the caller first.
const checkQueries = (app: App): void => {
  const { openapi } = app;
  const checked = (route: RouteConfig, ...rest: unknown[]) =>
    (openapi as (...all: unknown[]) => unknown)(
      { ...route, middleware: [onlyKnownQuery(route), ...[route.middleware ?? []].flat()] },
      ...rest,
    );
  app.openapi = checked as typeof openapi;
};

const contextOf = (c: AppContext) => ({ path: c.req.path, requestId: c.var.requestId });

const observe =
  (observer: Observer) =>
  async (c: AppContext, next: () => Promise<void>): Promise<void> => {
    const sighting = observer.see(requestHeader(c, REQUEST_ID_HEADER), requestHeader(c, TRACEPARENT_HEADER));
    const { requestId } = sighting;
    c.set("requestId", requestId);
    c.set("traceparent", sighting.traceparent);
    // Node's own answer takes a header for a fraction of what touching the Response's headers costs.
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    outgoing?.setHeader(REQUEST_ID_HEADER, requestId);
    await next();
    if (!outgoing) c.res.headers.set(REQUEST_ID_HEADER, requestId);
    const { status } = c.res;
    const { method, path } = c.req;
    const route = status === 404 && routePath(c, -1) === "/*" ? "unknown" : routePath(c, -1);
    observer.report(sighting, { method, route, path, status, caller: c.get("caller") as Caller | undefined });
  };

// A malformed path, query or header is 400; a well-formed body that breaks a rule is 422.
const refuseInvalid = (result: {
  success: boolean;
  target: string;
  data?: unknown;
  error?: Parameters<typeof fieldErrors>[0];
}): void => {
  if (result.success || !result.error) return;
  const errors = fieldErrors(result.error, result.data);
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  if (result.target === "json") throw invalidBody(...errors);
  if (result.target === "param")
    throw new AppError("invalid_path", `Malformed in the path: ${names}`, { errors });
  if (result.target === "query")
    throw new AppError("invalid_query", `Malformed in the query: ${names}`, { errors });
  throw new AppError("invalid_header", `Malformed header: ${names}`, { errors });
};
