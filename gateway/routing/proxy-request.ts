import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { AppError } from "../../platform/errors/app-error.ts";
import { fieldErrors } from "../../platform/errors/field-errors.ts";
import type { HttpVariables } from "../../platform/http/create-app.ts";
import { authenticate } from "../identity/authenticate.ts";
import type { Credentials } from "../identity/authenticate.ts";
import { checkOwnership } from "../identity/check-ownership.ts";
import { checkQuota } from "../limits/check-quota.ts";
import type { Quotas } from "../limits/check-quota.ts";
import { forward } from "../upstreams/forward.ts";
import type { ForwardOptions } from "../upstreams/forward.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";
import { readBody } from "./read-body.ts";
import type { BodyLimits } from "./read-body.ts";
import type { GatewayRoute, UpstreamName } from "./route-table.ts";

export type ProxyDeps = {
  credentials: Credentials;
  quotas: Quotas;
  gatewayKey: string;
  body: BodyLimits;
  upstreams: Record<UpstreamName, Upstream>;
  forwarding: ForwardOptions;
};

type ProxyContext = Context<{ Variables: HttpVariables; Bindings: HttpBindings }>;

/** What happens to a request of one route: who calls, is the path sound, is it theirs, have they quota; then on. */
export const proxyRequest = (route: GatewayRoute, deps: ProxyDeps) => {
  const upstream = deps.upstreams[route.upstream];
  const { gatewayKey } = deps;

  return async (c: ProxyContext): Promise<Response> => {
    const { incoming } = c.env;
    const { method } = c.req;
    const caller = await authenticate(incoming.headers, route.access, deps.credentials);
    c.set("caller", caller);
    const params = c.req.param();
    checkPath(route, params);
    checkOwnership(caller, method, params);
    await checkQuota(deps.quotas, route.limit, caller, incoming);

    const requestId = c.get("requestId");
    const traceparent = c.get("traceparent");
    const answer = await forward(
      upstream,
      {
        method,
        path: pathAndQuery(c.req.url),
        headers: requestHeaders(incoming.headers, { gatewayKey, caller, requestId, traceparent }),
        body: await readBody(incoming, deps.body),
      },
      deps.forwarding,
    );
    return new Response(mayHaveBody(answer.status) ? answer.body : null, {
      status: answer.status,
      headers: responseHeaders(answer.headers),
    });
  };
};

const checkPath = ({ definition }: GatewayRoute, params: Record<string, string>): void => {
  const schema = definition.request?.params;
  if (!schema) return;
  const result = schema.safeParse(params);
  if (result.success) return;
  const errors = fieldErrors(result.error);
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  throw new AppError("invalid_path", `Malformed in the path: ${names}`, { errors });
};

// The very text that was matched, dot segments gone, so that the service sees the path that was checked.
const pathAndQuery = (url: string): string => url.slice(url.indexOf("/", url.indexOf("://") + 3));

const mayHaveBody = (status: number): boolean => status !== 204 && status !== 304;
