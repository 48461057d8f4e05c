import { Histogram } from "prom-client";
import type { Registry } from "prom-client";
import type { Caller } from "../identity/caller.ts";
import { continueTrace, traceIdOf } from "../observability/trace-context.ts";
import { withoutRedaction } from "../observability/logger.ts";
import type { Logger } from "../observability/logger.ts";
import { requestIdFrom } from "./request-id.ts";

/** A request from its headers on. */
export type Sighting = { started: number; requestId: string; traceparent: string };

export type Outcome = {
  method: string;
  /** As the router spells it, so that the metric keeps few series. */
  route: string;
  path: string;
  status: number;
  caller: Caller | undefined;
};

/** Gives every request its ids, and leaves one measurement and one log line of it, whoever answers it. */
export type Observer = {
  see: (requestId: string | undefined, traceparent: string | undefined) => Sighting;
  report: (sighting: Sighting, outcome: Outcome) => void;
};

export const createObserver = ({ logger, metrics }: { logger: Logger; metrics: Registry }): Observer => {
  const durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's headers to the answer's",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  const requests = withoutRedaction(logger);
  return {
    see: (requestId, traceparent) => ({
      started: performance.now(),
      requestId: requestIdFrom(requestId),
      traceparent: continueTrace(traceparent),
    }),
    report: ({ started, requestId, traceparent }, { method, route, path, status, caller }) => {
      const elapsed = performance.now() - started;
      durations.observe({ method, route, status }, elapsed / 1000);
      if (isRoutine(path) && status < 400) return;
      requests.info(
        {
          requestId,
          traceId: traceIdOf(traceparent),
          method,
          route,
          status,
          ms: Math.round(elapsed * 100) / 100,
          ...(caller && { caller: caller.kind, ...("id" in caller && { userId: caller.id }) }),
        },
        "request",
      );
    },
  };
};

// What is asked every second of the day, by probes and by the other services; a line each would drown the rest.
const isRoutine = (path: string): boolean =>
  path === "/healthz" || path === "/readyz" || path === "/metrics" || path.startsWith("/internal/");
