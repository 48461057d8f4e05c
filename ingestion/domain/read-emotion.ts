import { emotionBody } from "../../contracts/http/telemetry.ts";
import { maySend } from "../../platform/identity/authorize.ts";
import { emotionContentId } from "./emotion-content-id.ts";
import { judgeTime } from "./judge-time.ts";
import { readPlainEmotion } from "./plain-emotion.ts";
import { refused, refusedBySchema } from "./reading.ts";
import type { ReadEvent } from "./reading.ts";
import { emotionEventOf } from "./telemetry-events.ts";

/** One emotion of many, by the rules of a single one. */
export const readEmotion: ReadEvent = (json, arrival) =>
  readPlainEmotion(json, arrival) ?? readAnyEmotion(json, arrival);

/** The rules themselves. What this says of an event, `readPlainEmotion` says too, or nothing. */
export const readAnyEmotion: ReadEvent = (json, { caller, receivedAt, receivedAtText, traceId }) => {
  const result = emotionBody.safeParse(json);
  if (!result.success) {
    return refusedBySchema(json, result.error);
  }
  const body = result.data;
  const userId = body.userId.toLowerCase();
  if (!maySend(caller, userId)) {
    const detail = "This belongs to another user";
    return refused(body.eventId ?? null, "forbidden", { pointer: "/userId", detail });
  }
  const time = judgeTime(body.timestamp, receivedAt);
  if ("code" in time) {
    return refused(body.eventId ?? null, time.code, { pointer: "/timestamp", detail: time.detail });
  }
  const { type, metrics } = body.emotionEvent;
  const eventId = body.eventId ?? emotionContentId({ timestamp: time.text, type, metrics });
  const event = emotionEventOf(body, {
    eventId,
    userId,
    time: time.text,
    receivedAt: receivedAtText,
    traceId,
  });
  return { kind: "event", userId, eventId, line: JSON.stringify(event) };
};
