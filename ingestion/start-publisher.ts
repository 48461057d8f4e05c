import type { Registry } from "prom-client";
import type { Health } from "../platform/http/health.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import type { Broker } from "../platform/messaging/connect.ts";
import { createLinePublisher } from "../platform/messaging/line-publisher.ts";
import type { LinePublisher } from "../platform/messaging/line-publisher.ts";
import { createPublisherMetrics } from "../platform/messaging/publisher-metrics.ts";
import { watchFullness } from "../platform/messaging/watch-fullness.ts";
import type { Logger } from "../platform/observability/logger.ts";

export type PublisherDeps = { broker: Broker; logger: Logger; metrics: Registry; health: Health };

/** The publisher into a stream, refusing while that stream is nearly full; `/readyz` shows how full it is. */
export const startPublisher = (
  { broker, logger, metrics, health }: PublisherDeps,
  onStop: OnStop,
  watched: { stream: string; shedPercent: number },
): LinePublisher => {
  const watch = watchFullness({ broker, logger, metrics }, watched);
  onStop("fullness", watch.stop);
  health.report("stream", watch.detail);
  const deps = { broker, logger, metrics: createPublisherMetrics(metrics) };
  const publisher = createLinePublisher(deps, { nearlyFull: watch.nearlyFull });
  onStop("publisher", publisher.stop);
  return publisher;
};
