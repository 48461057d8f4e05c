import type { Logger } from "../observability/logger.ts";
import type { GathererOptions } from "./batch-gatherer.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { ConsumerSpec } from "./definitions.ts";
import type { Reader } from "./delivery.ts";
import type { Handler } from "./outcome.ts";

export type ConsumerDeps = { broker: Broker; logger: Logger; metrics: ConsumerMetrics };

/** What a worker makes of the platform's one loop. */
export type ConsumerRun<Event> = Reader<Event> & {
  consumer: ConsumerSpec;
  /**
   * Where dead events go: `dead-letters.<STREAM>`. Undefined for the dead letters themselves: one that cannot be
   * handled stays in its stream and is tried again without end, for burying it would bring it back as another.
   */
  deadLetterSubject: string | undefined;
  /** What `decode` is given: the JSON of each line, or each message as it is. */
  takes?: "lines" | "messages";
  /** Makes the stream, the dead letters' stream and the consumer where one is missing. */
  ensure: () => Promise<void>;
  handle: Handler<Event>;
  retryBaseMs: number;
  /** Deliveries after which an event that still wants a retry goes to the dead letters. */
  maxAttempts?: number;
  batch?: Partial<GathererOptions>;
};
