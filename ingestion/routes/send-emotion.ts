import { EVENT_BODY_LIMIT, emotionBody, sendEmotion } from "../../contracts/http/telemetry.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { App } from "../../platform/http/create-app.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { requireSender } from "../../platform/identity/authorize.ts";
import { isoTime } from "../../platform/observability/iso-time.ts";
import type { IntakeDeps } from "../deps.ts";
import { emotionContentId } from "../domain/emotion-content-id.ts";
import { requireEventTime } from "../domain/require-event-time.ts";
import { emotionEventOf } from "../domain/telemetry-events.ts";

export const registerSendEmotion = (app: App, { publisher, now }: IntakeDeps): void => {
  app.post(sendEmotion.path, async (c) => {
    const body = await readJson(c, emotionBody, EVENT_BODY_LIMIT, { lastCounts: true });
    const userId = body.userId.toLowerCase();
    requireSender(c.get("caller"), userId);
    const receivedAt = now();
    const timestamp = requireEventTime(body.timestamp, "/timestamp", receivedAt).text;
    const { type, metrics } = body.emotionEvent;
    const eventId = body.eventId ?? emotionContentId({ timestamp, type, metrics });
    const traceId = c.get("requestId");
    const added = { eventId, userId, time: timestamp, receivedAt: isoTime(receivedAt), traceId };
    const event = emotionEventOf(body, added);
    await publisher.publish(subjects.emotions, JSON.stringify(event), c.get("traceparent"));
    return c.json({ status: "event received", traceId, eventId }, 202);
  });
};
