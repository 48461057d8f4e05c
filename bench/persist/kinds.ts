import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import { consumers } from "../../contracts/streams.ts";
import type { ConsumerDefinition } from "../../contracts/streams.ts";
import { emotionEvents, transactionEvents } from "../load/telemetry.ts";
import type { TelemetryOptions } from "../load/telemetry.ts";

/** One worker: what it is fed with, and where the rows are that it makes of it. */
export type Kind = {
  readonly name: string;
  readonly entry: string;
  readonly consumer: ConsumerDefinition;
  /** Each event as the line of a message, and as the line that COPY takes for its row. */
  readonly generate: (options: TelemetryOptions) => { readonly line: string; readonly row: string }[];
  readonly table: string;
  readonly columns: readonly string[];
  readonly identities: string;
  readonly summary: { readonly table: string; readonly count: string };
};

const emotionRow = (event: EmotionEvent): string => {
  const { positivity, intensity, stress_level } = event.emotionEvent.metrics;
  return tabbed([
    event.userId,
    event.eventId,
    event.emotionEvent.type,
    positivity,
    intensity,
    stress_level,
    event.timestamp,
    event.receivedAt,
  ]);
};

const transactionRow = (event: TransactionEvent): string =>
  tabbed([
    event.userId,
    event.eventId,
    event.amount,
    event.currency,
    event.category ?? "\\N",
    event.occurredAt,
    event.receivedAt,
  ]);

// Generated values hold nothing that COPY's text format would have escaped.
const tabbed = (values: readonly (string | number)[]): string => `${values.join("\t")}\n`;

export const emotionProcessing: Kind = {
  name: "emotion-processing",
  entry: "workers/emotion-processing/main.ts",
  consumer: consumers.emotionProcessing,
  generate: (options) =>
    emotionEvents(options).map((event) => ({ line: JSON.stringify(event), row: emotionRow(event) })),
  table: "emotion_events",
  columns: [
    "user_id",
    "event_id",
    "type",
    "positivity",
    "intensity",
    "stress_level",
    "occurred_at",
    "received_at",
  ],
  identities: "emotion_event_identities",
  summary: { table: "emotional_events_summary", count: "event_count" },
};

const transactionProcessing: Kind = {
  name: "transaction-processing",
  entry: "workers/transaction-processing/main.ts",
  consumer: consumers.transactionProcessing,
  generate: (options) =>
    transactionEvents(options).map((event) => ({
      line: JSON.stringify(event),
      row: transactionRow(event),
    })),
  table: "transactions",
  columns: ["user_id", "event_id", "amount", "currency", "category", "occurred_at", "received_at"],
  identities: "transaction_identities",
  summary: { table: "transactions_summary", count: "transaction_count" },
};

export const kinds: readonly Kind[] = [emotionProcessing, transactionProcessing];
