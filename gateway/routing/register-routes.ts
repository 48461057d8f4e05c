import type { Hono } from "hono";
import type { HttpBindings } from "@hono/node-server";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App, HttpVariables } from "../../platform/http/create-app.ts";
import { proxyRequest } from "./proxy-request.ts";
import type { ProxyDeps } from "./proxy-request.ts";
import { routerPath } from "./route-table.ts";
import type { GatewayRoute } from "./route-table.ts";

export const registerRoutes = (app: App, routes: GatewayRoute[], deps: ProxyDeps): void => {
  // The same application, seen with what the Node server hands over beside a request.
  const onNode = app as unknown as Hono<{ Variables: HttpVariables; Bindings: HttpBindings }>;
  for (const route of routes) {
    const { method, path } = route.definition;
    onNode.on(method.toUpperCase(), routerPath(path), proxyRequest(route, deps));
  }
};

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
