import type { MoodReading } from "./mood.ts";

/**
 * One event as the app will send it, but for whose it is and when the run began. `offsetMs` counts from the
 * beginning of live traffic: the past is negative. `eventId` is unique within the person.
 */
export type Telemetry = EmotionTelemetry | TransactionTelemetry;

export type EmotionTelemetry = {
  readonly kind: "emotion";
  readonly eventId: string;
  readonly offsetMs: number;
  readonly reading: MoodReading;
};

export type TransactionTelemetry = {
  readonly kind: "transaction";
  readonly eventId: string;
  readonly offsetMs: number;
  readonly cents: number;
  readonly category: string;
};

export type TelemetryKind = Telemetry["kind"];

/** Whole cents as the JSON number of the contract, without any arithmetic that could lose one. */
export const toAmount = (cents: number): number => {
  const digits = String(cents).padStart(3, "0");
  return Number(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
};

/** The body that the contract of its kind wants. */
export const toBody = (event: Telemetry, userId: string, startedAt: number): Record<string, unknown> => {
  const time = new Date(startedAt + event.offsetMs).toISOString();
  if (event.kind === "emotion")
    return { userId, timestamp: time, emotionEvent: event.reading, eventId: event.eventId };
  return {
    userId,
    amount: toAmount(event.cents),
    category: event.category,
    occurredAt: time,
    eventId: event.eventId,
  };
};
