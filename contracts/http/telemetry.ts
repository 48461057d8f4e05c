import { createRoute, z } from "@hono/zod-openapi";
import { amount, currency, eventId, label, metric, userId } from "../fields.ts";
import { timestamp } from "../times.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

/** Largest body of a single event, in bytes. */
export const EVENT_BODY_LIMIT = 16 * 1_024;
export const DEFAULT_CURRENCY = "USD";

export const emotionBody = z
  .object({
    userId,
    timestamp,
    emotionEvent: z.object({
      type: label("joy"),
      metrics: z.object({ positivity: metric, intensity: metric, stress_level: metric }),
    }),
    eventId: eventId.optional(),
  })
  .openapi("EmotionInput");

export const transactionBody = z
  .object({
    userId,
    amount,
    eventId: eventId.optional(),
    currency: currency.default(DEFAULT_CURRENCY),
    category: label("groceries").optional(),
    occurredAt: timestamp.optional(),
  })
  .openapi("TransactionInput");

const received = z.literal("event received");

export const sendEmotion = createRoute({
  method: "post",
  path: "/v1/emotions/stream",
  tags: ["Telemetry"],
  summary: "Send one emotion event",
  description:
    "202 means that the broker has stored it. Sent again with the same eventId, or without one but with the same content, it has one effect. X-Request-ID, if sent, comes back as traceId.",
  security: [{ internalKey: [] }, { bearer: [] }],
  request: { body: jsonBody(emotionBody) },
  responses: {
    202: jsonAnswer(
      "Stored by the broker",
      z.object({ status: received, traceId: z.string(), eventId: z.string() }),
    ),
    ...problems(400, 401, 403, 413, 415, 422, 429, 503),
  },
});

export const sendTransaction = createRoute({
  method: "post",
  path: "/v1/transactions",
  tags: ["Telemetry"],
  summary: "Send one transaction event",
  description:
    "202 means that the broker has stored it. Sent again with the same eventId, it has one effect.",
  security: [{ bearer: [] }],
  request: { body: jsonBody(transactionBody) },
  responses: {
    202: jsonAnswer(
      "Stored by the broker",
      z.object({ status: received, userId: z.string(), eventId: z.string() }),
    ),
    ...problems(400, 401, 403, 413, 415, 422, 429, 503),
  },
});
