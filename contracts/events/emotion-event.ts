import { z } from "@hono/zod-openapi";
import { eventId, label, metric, userId } from "../fields.ts";
import { utcTime } from "../times.ts";

/**
 * One line of a message on `user.emotions.topic`. `timestamp` is when it was felt, `receivedAt` when intake took it,
 * both ISO 8601 in UTC.
 */
export const emotionEvent = z.object({
  eventId,
  userId,
  timestamp: utcTime,
  receivedAt: utcTime,
  traceId: z.string().max(128).optional(),
  emotionEvent: z.object({
    type: label("joy"),
    metrics: z.object({ positivity: metric, intensity: metric, stress_level: metric }),
  }),
});

export type EmotionEvent = z.infer<typeof emotionEvent>;

/** From here on, an emotion counts as a high-stress event. A change does not touch days already summarised. */
export const HIGH_STRESS_THRESHOLD = 0.7;
