import type { Context, Hono } from "hono";
import type { HttpBindings } from "@hono/node-server";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App, HttpVariables } from "../../platform/http/create-app.ts";
import type { DirectRoute } from "../../platform/http/direct-routes.ts";
import { proxyRequest } from "./proxy-request.ts";
import type { ProxiedRequest, Proxy, ProxyDeps } from "./proxy-request.ts";
import { routerPath } from "./gateway-route.ts";
import type { GatewayRoute } from "./gateway-route.ts";

type NodeEnv = { Variables: HttpVariables; Bindings: HttpBindings };

export const registerRoutes = (app: App, routes: GatewayRoute[], deps: ProxyDeps): void => {
  // The same application, seen with what the Node server hands over beside a request.
  const onNode = app as unknown as Hono<NodeEnv>;
  for (const route of routes) {
    const { method, path } = route.definition;
    onNode.on(method.toUpperCase(), routerPath(path), onFramework(proxyRequest(route, deps)));
  }
};

const onFramework =
  (proxy: Proxy) =>
  async (c: Context<NodeEnv>): Promise<Response> => {
    const request: ProxiedRequest = {
      incoming: c.env.incoming,
      method: c.req.method,
      path: pathAndQuery(c.req.url),
      params: c.req.param(),
      requestId: c.get("requestId"),
      traceparent: c.get("traceparent"),
      caller: undefined,
    };
    try {
      const { status, headers, body } = await proxy(request);
      return new Response(body, { status, headers });
    } finally {
      if (request.caller) c.set("caller", request.caller);
    }
  };

// Dot segments are gone from it, as they are for the router.
const pathAndQuery = (url: string): string => url.slice(url.indexOf("/", url.indexOf("://") + 3));

/**
 * The same routes without the framework, where there is nothing in the path to take apart: telemetry above all.
 * Streamed bodies stay with the framework, which sees to what is left of them.
 */
export const directRoutes = (routes: GatewayRoute[], deps: ProxyDeps): DirectRoute[] =>
  routes
    .filter(({ definition, streamed }) => !streamed && !definition.path.includes("{"))
    .map((route) => {
      const proxy = proxyRequest(route, deps);
      const method = route.definition.method.toUpperCase();
      return {
        method,
        path: route.definition.path,
        answer: (request) => proxy(Object.assign(request, { method, params: NO_PARAMS })),
      };
    });

const NO_PARAMS = {};

/** Last of all: on a path that is known, any other method is 405, and OPTIONS says which there are. */
export const registerMethodErrors = (app: App): void => {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  for (const [path, known] of methods) {
    const allow = [...known, "OPTIONS"].join(", ");
    app.all(path, (c) => {
      if (c.req.method === "OPTIONS") return c.body(null, 204, { allow });
      throw new AppError("method_not_allowed", `${c.req.path} takes ${allow}`, { headers: { allow } });
    });
  }
};
