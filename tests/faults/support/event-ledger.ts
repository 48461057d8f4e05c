import { randomUUID } from "node:crypto";

export type SentEvent = {
  readonly kind: "emotion" | "transaction";
  readonly userId: string;
  readonly eventId: string;
  /** What tells it from another event: its positivity, or its amount. */
  readonly value: number;
  readonly sentAt: string;
  /** True once somebody answered 202 to it. */
  acknowledged: boolean;
};

export type EventLedger = {
  /** Notes an event before it is sent for the first time. */
  open: (kind: SentEvent["kind"], userId: string) => SentEvent;
  events: () => readonly SentEvent[];
};

/** The client's own book of what it sent and what was acknowledged. */
export const createEventLedger = (): EventLedger => {
  const events: SentEvent[] = [];
  return {
    open: (kind, userId) => {
      const value = kind === "emotion" ? 0.7 + (events.length % 30) / 100 : 1 + (events.length % 5_000) / 100;
      const event = {
        kind,
        userId,
        eventId: randomUUID(),
        value: Math.round(value * 100) / 100,
        sentAt: new Date().toISOString(),
        acknowledged: false,
      };
      events.push(event);
      return event;
    },
    events: () => events,
  };
};

/** What is sent of an event, byte for byte the same each time; `internal` with the internal key, else as the person. */
export const requestFor = (
  event: SentEvent,
): { path: string; internal: boolean; json: Record<string, unknown> } =>
  event.kind === "emotion"
    ? { path: "/v1/emotions/stream", internal: true, json: emotionBody(event) }
    : { path: "/v1/transactions", internal: false, json: transactionBody(event) };

const emotionBody = ({ userId, eventId, value, sentAt }: SentEvent) => ({
  userId,
  eventId,
  timestamp: sentAt,
  emotionEvent: { type: "joy", metrics: { positivity: value, intensity: 0.5, stress_level: 0.1 } },
});

const transactionBody = ({ userId, eventId, value, sentAt }: SentEvent) => ({
  userId,
  eventId,
  amount: value,
  occurredAt: sentAt,
});
