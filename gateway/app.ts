import { BATCH_LIMITS } from "../contracts/http/telemetry-batches.ts";
import type { RedisConnection } from "../platform/cache/redis.ts";
import { createHttpApp } from "../platform/http/create-app.ts";
import type { App, AppDeps } from "../platform/http/create-app.ts";
import { createDirectRoutes } from "../platform/http/direct-routes.ts";
import type { DirectRoutes } from "../platform/http/direct-routes.ts";
import { createObserver } from "../platform/http/observer.ts";
import { secretMatcher } from "../platform/identity/secrets-equal.ts";
import type { Config } from "./config.ts";
import { createAccessTokens } from "./identity/access-tokens.ts";
import type { Revocations } from "./identity/revocations.ts";
import type { Quotas } from "./limits/check-quota.ts";
import { createLimiter } from "./limits/limiter.ts";
import type { Limiter } from "./limits/limiter.ts";
import { createGatewayMetrics, showInFlight } from "./metrics.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { checkReadiness } from "./readiness.ts";
import { registerApiReference } from "./reference/api-reference.ts";
import { buildOpenapiDocument } from "./reference/openapi-document.ts";
import { registerProblemPages } from "./reference/problem-pages.ts";
import type { ProxyDeps } from "./routing/proxy-request.ts";
import { directRoutes, registerMethodErrors, registerRoutes } from "./routing/register-routes.ts";
import { buildRouteTable, definitionsOf } from "./routing/route-table.ts";
import type { LimitName, UpstreamName } from "./routing/gateway-route.ts";
import { proxySocket } from "./socket/proxy-socket.ts";
import type { SocketProxy } from "./socket/proxy-socket.ts";
import { registerUpgradeRequired } from "./socket/upgrade-required.ts";
import { SECURITY_HEADERS, addSecurityHeaders } from "./security-headers.ts";
import type { Upstream } from "./upstreams/upstream.ts";

export type GatewayDeps = AppDeps & {
  config: Config;
  redis: RedisConnection;
  upstreams: Record<UpstreamName, Upstream>;
  revocations: Revocations;
};

export type Gateway = {
  app: App;
  /** What is answered without the application. */
  direct: DirectRoutes;
  /** Connections that do not stay HTTP. */
  sockets: SocketProxy;
  metrics: GatewayMetrics;
};

export const createGateway = (deps: GatewayDeps): Gateway => {
  const { config, redis, upstreams, revocations, ...platform } = deps;
  const observer = createObserver(platform);
  const app = createHttpApp(platform, observer);
  const metrics = createGatewayMetrics(platform.metrics);
  const routes = buildRouteTable();
  const proxy: ProxyDeps = {
    credentials: {
      isInternalKey: secretMatcher(config.INTERNAL_KEY),
      tokens: createAccessTokens(config.JWT_SECRET, revocations),
    },
    quotas: createQuotas(config, redis, metrics),
    gatewayKey: config.GATEWAY_KEY,
    body: bodyLimitsOf(config),
    upstreams,
    forwarding: { timeoutMs: config.UPSTREAM_TIMEOUT_MS, metrics },
  };

  showInFlight(platform.metrics, Object.values(upstreams));
  checkReadiness(platform.health, Object.values(upstreams), redis);
  addSecurityHeaders(app);
  registerRoutes(app, routes, proxy);
  const direct = createDirectRoutes(directRoutes(routes, proxy), {
    observer,
    logger: platform.logger,
    headers: SECURITY_HEADERS,
  });
  registerUpgradeRequired(app);
  registerApiReference(app, buildOpenapiDocument(definitionsOf(routes)));
  registerProblemPages(app);
  registerMethodErrors(app);
  const sockets = proxySocket({
    ...proxy,
    revocations,
    upstream: upstreams["emotion-ingestion"],
    registry: platform.metrics,
    heartbeatMs: config.SOCKET_HEARTBEAT_MS,
  });
  return { app, direct, sockets, metrics };
};

const createQuotas = (config: Config, redis: RedisConnection, metrics: GatewayMetrics): Quotas => {
  const limiter = (name: LimitName, perSecond: number, burst: number): Limiter =>
    createLimiter({ name, quota: { perSecond, burst }, redis, metrics });
  return {
    metrics,
    limiters: {
      default: limiter("default", config.RATE_LIMIT_PER_SECOND, config.RATE_LIMIT_BURST),
      auth: limiter("auth", config.AUTH_RATE_LIMIT_PER_SECOND, config.AUTH_RATE_LIMIT_BURST),
    },
  };
};

const bodyLimitsOf = (config: Config): ProxyDeps["body"] => ({
  whole: { maxBytes: config.BODY_LIMIT_BYTES, idleMs: config.BODY_IDLE_MS },
  streamed: {
    maxBytes: BATCH_LIMITS.streamedBytes,
    idleMs: config.BODY_IDLE_MS,
    totalMs: config.BODY_TOTAL_MS,
    answerMs: config.BATCH_TIMEOUT_MS,
  },
});
