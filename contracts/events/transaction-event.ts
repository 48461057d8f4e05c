import { z } from "@hono/zod-openapi";
import { currency, eventId, label, userId } from "../fields.ts";
import { utcTime } from "../times.ts";

/** One line of a message on `transactions.topic`. `amount` is the decimal text of what the client sent. */
export const transactionEvent = z.object({
  eventId,
  userId,
  amount: z
    .string()
    .regex(
      /^\d{1,11}(\.\d{1,4})?$/,
      "must be a decimal text with at most 11 digits before the point and 4 after it",
    ),
  currency,
  category: label("groceries").optional(),
  occurredAt: utcTime,
  receivedAt: utcTime,
  traceId: z.string().max(128).optional(),
});

export type TransactionEvent = z.infer<typeof transactionEvent>;
