import type { z } from "zod";
import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import type { emotionBody, transactionBody } from "../../contracts/http/telemetry.ts";

/** What the door adds to a body: ids in the form they are kept in, times in ISO 8601, UTC. */
export type Added = { eventId: string; userId: string; time: string; receivedAt: string; traceId: string };

/** An emotion as it is published. */
export const emotionEventOf = (
  { emotionEvent }: z.output<typeof emotionBody>,
  { eventId, userId, time, receivedAt, traceId }: Added,
): EmotionEvent => ({ eventId, userId, timestamp: time, receivedAt, traceId, emotionEvent });

/** A transaction as it is published; its amount by its digits. */
export const transactionEventOf = (
  { amount, currency, category }: z.output<typeof transactionBody>,
  { eventId, userId, time, receivedAt, traceId }: Added,
): TransactionEvent => ({
  eventId,
  userId,
  amount: String(amount),
  currency,
  ...(category !== undefined && { category }),
  occurredAt: time,
  receivedAt,
  traceId,
});
