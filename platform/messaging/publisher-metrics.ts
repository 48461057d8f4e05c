import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

export type PublisherMetrics = ReturnType<typeof createPublisherMetrics>;

export const createPublisherMetrics = (metrics: Registry) => ({
  published: new Counter({
    name: "events_published_total",
    help: "Events that the broker has stored",
    labelNames: ["subject"] as const,
    registers: [metrics],
  }),
  failed: new Counter({
    name: "events_publish_failed_total",
    help: "Events that the broker did not acknowledge, by what went wrong",
    labelNames: ["subject", "failure"] as const,
    registers: [metrics],
  }),
  shed: new Counter({
    name: "events_shed_total",
    help: "Events refused at once: disconnected, overloaded, stream_full or stopping",
    labelNames: ["reason"] as const,
    registers: [metrics],
  }),
  inFlight: new Gauge({
    name: "events_in_flight",
    help: "Events waiting for the broker's acknowledgement",
    registers: [metrics],
  }),
});
