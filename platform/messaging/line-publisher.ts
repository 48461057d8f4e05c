import { nuid } from "@nats-io/nats-core";
import type { Logger } from "../observability/logger.ts";
import { createAckInbox } from "./ack-inbox.ts";
import { classifyPublishError } from "./broker-errors.ts";
import { COMMIT_REPLY_HEADER } from "./commit-notice.ts";
import type { Broker } from "./connect.ts";
import { createDepartures } from "./departures.ts";
import type { DepartureLimits } from "./departures.ts";
import { createInFlight } from "./in-flight.ts";
import type { InFlightLimits } from "./in-flight.ts";
import { cutIntoMessages } from "./line-gatherer.ts";
import type { GatherLimits, PendingLine } from "./line-gatherer.ts";
import { carriedHeaders, toMessage } from "./line-message.ts";
import { notStored } from "./not-stored.ts";
import type { ShedReason } from "./not-stored.ts";
import { PUBLISH_TIMING, publishWithRetry } from "./publish-with-retry.ts";
import type { OutgoingMessage, PublishTiming } from "./publish-with-retry.ts";
import type { PublisherMetrics } from "./publisher-metrics.ts";

/** Events that one sender brings together: NDJSON, a line each. */
export type Bundle = {
  body: Uint8Array;
  lines: number;
  /** The subject on which the worker is to tell what became of them. */
  commitReply?: string | undefined;
};

export type LinePublisher = {
  /**
   * Publishes one event, a line of JSON. Resolves once the broker has stored it.
   * @throws AppError event_not_stored, within milliseconds when it is known that the broker cannot take it
   */
  publish: (subject: string, line: string, traceparent?: string) => Promise<void>;
  /**
   * Publishes a bundle as one message of its own, which must not exceed what the broker takes in one. Resolves once
   * it is under way: until then there was no room, and the sender had better read no further. `stored` resolves once
   * the broker has stored it, and rejects with AppError event_not_stored as `publish` does.
   */
  publishBundle: (
    subject: string,
    bundle: Bundle,
    traceparent?: string,
  ) => Promise<{ stored: Promise<void> }>;
  /** Waits for what is under way; nothing new is taken. */
  stop: () => Promise<void>;
};

export type LinePublisherOptions = {
  limits?: GatherLimits;
  departures?: DepartureLimits;
  timing?: PublishTiming;
  /** What may be under way at most, over all subjects. */
  maxInFlight?: InFlightLimits;
  /** Whether the stream has come so near its cap that nothing more should be sent to it. */
  nearlyFull?: () => boolean;
};

const DEFAULT_LIMITS: GatherLimits = { maxLines: 256, maxBytes: 256 * 1_024 };
// Longer than a healthy broker ever takes to make room for a bundle.
const ROOM_WITHIN_MS = 3_000;
// 3 ms let about seven events of a replica at 2,300 a second share a message, where turns of the event loop bring one or
// two, for a mean wait of 1.5 ms. In quick runs of `bench -- path`, four each way: 4,000 to 5,200 requests a second with
// it and 3,200 to 4,200 without, and 18 to 21 µs of the broker's CPU an event instead of 27 to 30. Longer waits, in
// turn: 6 ms instead of 3 took a third of the broker's CPU an event away and brought 6 % more requests a second, with p50
// 1.3 ms later and p99 the same at 2,500 a second; 8 ms and 32 instead of 6 and 16 a quarter of what was left and 5 %
// more, since gateways, too, find more answers at once. A replica that is alone brings 32 in two turns, and seldom waits.
const DEFAULT_DEPARTURES = { everyMs: 8, enough: 32 };
const DEFAULT_IN_FLIGHT = { lines: 20_000, bytes: 32 * 1_024 * 1_024 };

/**
 * Publishes events to JetStream. Lines handed over in the same turn of the event loop share one message
 * (measured on two cores: 16,000 events a second one by one, 35,000 to 40,000 gathered), under load those of a few
 * milliseconds; each caller is answered by its own message's acknowledgement.
 */
export const createLinePublisher = (
  deps: { broker: Pick<Broker, "nc" | "connected">; metrics: PublisherMetrics; logger: Logger },
  options: LinePublisherOptions = {},
): LinePublisher => {
  const { broker, metrics, logger } = deps;
  const limits = options.limits ?? DEFAULT_LIMITS;
  const timing = options.timing ?? PUBLISH_TIMING;
  const inFlight = createInFlight(options.maxInFlight ?? DEFAULT_IN_FLIGHT);
  const stream = { js: createAckInbox(broker.nc) };
  const waiting = new Map<string, PendingLine[]>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  const departSoon = createDepartures(() => flush(), options.departures ?? DEFAULT_DEPARTURES);

  const store = async (message: OutgoingMessage, events: number, bytes: number): Promise<void> => {
    const { subject } = message;
    try {
      await publishWithRetry(stream, message, timing);
      metrics.published.inc({ subject }, events);
    } catch (error) {
      const failure = classifyPublishError(error);
      logger.warn({ err: error, subject, events, failure }, "events not stored");
      metrics.failed.inc({ subject, failure }, events);
      throw notStored(failure, error);
    } finally {
      inFlight.remove(events, bytes);
      metrics.inFlight.set(inFlight.lines());
    }
  };

  /** Stopping waits for it, however it ends. */
  const keepTrackOf = (sending: Promise<void>): void => {
    const settled: Promise<void> = sending
      .catch(() => {})
      .finally(() => {
        underWay.delete(settled);
      });
    underWay.add(settled);
  };

  const send = async (subject: string, lines: PendingLine[]): Promise<void> => {
    let bytes = 0;
    for (const line of lines) bytes += line.bytes;
    try {
      await store(toMessage(subject, lines), lines.length, bytes);
      for (const { stored } of lines) stored();
    } catch (error) {
      for (const { failed } of lines) failed(error);
    }
  };

  const flush = (): void => {
    for (const [subject, pending] of waiting) {
      for (const lines of cutIntoMessages(pending, limits)) keepTrackOf(send(subject, lines));
    }
    waiting.clear();
    metrics.inFlight.set(inFlight.lines());
  };

  const shed = (reason: ShedReason): Promise<never> => {
    metrics.shed.inc({ reason });
    return Promise.reject(notStored(reason));
  };

  /** Why this much cannot even be tried. */
  const refusal = (): ShedReason | undefined => {
    if (stopped) return "stopping";
    if (!broker.connected()) return "disconnected";
    return options.nearlyFull?.() ? "stream_full" : undefined;
  };

  return {
    publish: (subject, line, traceparent) => {
      const size = Buffer.byteLength(line) + 1;
      const refused = refusal() ?? (inFlight.isFull(size) ? "overloaded" : undefined);
      if (refused) return shed(refused);
      inFlight.add(1, size);
      return new Promise((stored, failed) => {
        const entry: PendingLine = {
          line,
          bytes: size,
          stored,
          failed,
          ...(traceparent !== undefined && { traceparent }),
        };
        const pending = waiting.get(subject);
        if (pending) pending.push(entry);
        else waiting.set(subject, [entry]);
        departSoon();
      });
    },
    publishBundle: async (subject, { body, lines, commitReply }, traceparent) => {
      const refused = refusal();
      if (refused) return { stored: shed(refused) };
      const roomy = await inFlight.addInTurn(lines, body.length, ROOM_WITHIN_MS);
      if (!roomy) return { stored: shed("overloaded") };
      const carried = carriedHeaders(lines, traceparent);
      if (commitReply !== undefined) carried.set(COMMIT_REPLY_HEADER, commitReply);
      const message = { subject, body, messageId: nuid.next(), headers: carried };
      const sending = store(message, lines, body.length);
      keepTrackOf(sending);
      return { stored: sending };
    },
    stop: async () => {
      stopped = true;
      flush();
      await Promise.all(underWay);
    },
  };
};
