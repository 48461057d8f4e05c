import type { IncomingMessage } from "node:http";
import type { Dispatcher } from "undici";
import { DELIVERY_ID_HEADER, deliveryIdFrom } from "../../platform/http/delivery-id.ts";
import { PARTNER_KEY_HEADER } from "../../platform/identity/caller.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { drainRequest } from "../../platform/http/drain-request.ts";
import { readBody } from "../../platform/http/read-body.ts";
import type { BodyLimits } from "../../platform/http/read-body.ts";
import { headerOf } from "../../platform/http/request-header.ts";
import { authenticate, bearerOf, takesPartnerKey } from "../identity/authenticate.ts";
import type { Credentials } from "../identity/authenticate.ts";
import { checkOwnership } from "../identity/check-ownership.ts";
import { checkQuota } from "../limits/check-quota.ts";
import type { Quotas } from "../limits/check-quota.ts";
import { forward } from "../upstreams/forward.ts";
import type { ForwardOptions } from "../upstreams/forward.ts";
import type { Answer, OutgoingRequest } from "../upstreams/send.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { checkHeaders } from "./check-headers.ts";
import { checkPath } from "./check-path.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";
import { streamBody } from "./stream-body.ts";
import type { StreamLimits } from "./stream-body.ts";
import type { GatewayRoute, UpstreamName } from "./gateway-route.ts";

export type ProxyDeps = {
  credentials: Credentials;
  quotas: Quotas;
  gatewayKey: string;
  /** Of a body that is passed on whole, and of one that is passed on as it comes in. */
  body: { whole: BodyLimits; streamed: StreamLimits & { answerMs: number } };
  upstreams: Record<UpstreamName, Upstream>;
  forwarding: ForwardOptions;
};

/** A request as its route sees it. */
export type ProxiedRequest = {
  readonly incoming: IncomingMessage;
  readonly method: Dispatcher.HttpMethod;
  /** Path and query: the very text that was matched, so that the service sees the path that was checked. */
  readonly path: string;
  readonly params: Record<string, string>;
  readonly requestId: string;
  readonly traceparent: string;
  /** Set as soon as it is known who calls. */
  caller: Caller | undefined;
};

export type Proxy = (request: ProxiedRequest) => Promise<ProxiedAnswer>;
export type ProxiedAnswer = { status: number; headers: Record<string, string>; body: Buffer | null };

/** What happens to a request of one route: who calls, is the path sound, is it theirs, have they quota; then on. */
export const proxyRequest = (route: GatewayRoute, deps: ProxyDeps): Proxy => {
  const upstream = deps.upstreams[route.upstream];
  const { gatewayKey } = deps;
  const { repeatable } = route;

  return async (request) => {
    const { incoming, method, path, params, requestId, traceparent } = request;
    const caller = authenticate(incoming.headers, route.access, deps.credentials);
    request.caller = caller;
    checkPath(route, params, path);
    checkHeaders(incoming);
    checkOwnership(caller, method, params);
    await checkQuota(deps.quotas, route.limit, caller, incoming);

    const headers = requestHeaders(incoming.headers, {
      gatewayKey,
      caller,
      requestId,
      traceparent,
      deliveryId: deliveryIdFrom(incoming.headers[DELIVERY_ID_HEADER]),
      partnerKey: takesPartnerKey(route.access) ? headerOf(incoming, PARTNER_KEY_HEADER) : undefined,
      token: route.endsToken ? tokenOf(incoming, deps.credentials) : undefined,
    });
    const outgoing = { method, path, headers, repeatable };
    const answer = route.streamed
      ? await forwardStream(upstream, outgoing, incoming, deps)
      : await forwardWhole(upstream, outgoing, incoming, deps);
    const answered = responseHeaders(answer.headers);
    // The service had heard enough; the rest of the body would be taken for the next request.
    if (!incoming.complete) answered["connection"] = "close";
    return {
      status: answer.status,
      headers: answered,
      body: mayHaveBody(answer.status) ? answer.body : null,
    };
  };
};

const tokenOf = (incoming: IncomingMessage, { tokens }: Credentials) => {
  const token = bearerOf(incoming.headers.authorization);
  return token === undefined ? undefined : tokens.verify(token);
};

const forwardWhole = async (
  upstream: Upstream,
  request: Omit<OutgoingRequest, "body">,
  incoming: IncomingMessage,
  { body: { whole }, forwarding }: ProxyDeps,
): Promise<Answer> => {
  const release = upstream.bodies.hold(announcedBytes(incoming, whole.maxBytes));
  try {
    return await forward(upstream, { ...request, body: await readBody(incoming, whole) }, forwarding);
  } finally {
    release();
  }
};

/** A body that does not say how long it is may become as long as any. */
const announcedBytes = ({ headers }: IncomingMessage, most: number): number =>
  headers["transfer-encoding"] === undefined ? Math.min(most, Number(headers["content-length"] ?? 0)) : most;

const forwardStream = async (
  upstream: Upstream,
  request: Omit<OutgoingRequest, "body">,
  incoming: IncomingMessage,
  { body, forwarding }: ProxyDeps,
): Promise<Answer> => {
  const length = incoming.headers["content-length"];
  const headers = length === undefined ? request.headers : [...request.headers, "content-length", length];
  try {
    return await forward(
      upstream,
      { ...request, headers, body: streamBody(incoming, body.streamed) },
      { ...forwarding, timeoutMs: body.streamed.answerMs },
    );
  } finally {
    if (!incoming.complete) await drainRequest(incoming);
  }
};

const mayHaveBody = (status: number): boolean => status !== 204 && status !== 304;
