import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { Upstream } from "./upstreams/upstream.ts";

export type GatewayMetrics = {
  upstreamErrors: Counter<"upstream" | "reason">;
  upstreamRetries: Counter<"upstream">;
  rateLimited: Counter<"limit" | "caller">;
  limiterFallbacks: Counter;
};

export const createGatewayMetrics = (registry: Registry): GatewayMetrics => ({
  upstreamErrors: new Counter({
    name: "gateway_upstream_errors_total",
    help: "Attempts at a service that brought no answer",
    labelNames: ["upstream", "reason"],
    registers: [registry],
  }),
  upstreamRetries: new Counter({
    name: "gateway_upstream_retries_total",
    help: "Requests that moved on to another replica",
    labelNames: ["upstream"],
    registers: [registry],
  }),
  rateLimited: new Counter({
    name: "gateway_rate_limited_total",
    help: "Requests refused because the caller's quota was used up",
    labelNames: ["limit", "caller"],
    registers: [registry],
  }),
  limiterFallbacks: new Counter({
    name: "gateway_limiter_fallbacks_total",
    help: "Quota decisions made by this process alone because Redis gave none",
    registers: [registry],
  }),
});

/** Shows how much is in flight to each replica, asked for at each scrape. */
export const showInFlight = (registry: Registry, upstreams: Upstream[]): void => {
  const inFlight = new Gauge({
    name: "gateway_upstream_in_flight",
    help: "Requests that a replica has not answered yet",
    labelNames: ["upstream", "replica"],
    registers: [],
    collect() {
      this.reset();
      for (const { name, replicas } of upstreams) {
        for (const replica of replicas) this.set({ upstream: name, replica: replica.url }, replica.inFlight);
      }
    },
  });
  registry.registerMetric(inFlight);
};
