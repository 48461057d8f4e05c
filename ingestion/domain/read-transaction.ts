import { transactionBody } from "../../contracts/http/telemetry.ts";
import { maySend } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import { judgeTime } from "./judge-time.ts";
import { readPlainTransaction } from "./plain-transaction.ts";
import { refused, refusedBySchema } from "./reading.ts";
import type { ReadEvent } from "./reading.ts";
import { transactionEventOf } from "./telemetry-events.ts";

/** One transaction of many, by the rules of a single one. */
export const readTransaction: ReadEvent = (json, arrival) =>
  readPlainTransaction(json, arrival) ?? readAnyTransaction(json, arrival);

/** The rules themselves. What this says of an event, `readPlainTransaction` says too, or nothing. */
export const readAnyTransaction: ReadEvent = (json, { caller, receivedAt, receivedAtText, traceId }) => {
  const result = transactionBody.safeParse(json);
  if (!result.success) {
    return refusedBySchema(json, result.error);
  }
  const body = result.data;
  const userId = body.userId.toLowerCase();
  if (!maySend(caller, userId)) {
    const detail = "This belongs to another user";
    return refused(body.eventId ?? null, "forbidden", { pointer: "/userId", detail });
  }
  const time =
    body.occurredAt === undefined ? { text: receivedAtText } : judgeTime(body.occurredAt, receivedAt);
  if ("code" in time) {
    return refused(body.eventId ?? null, time.code, { pointer: "/occurredAt", detail: time.detail });
  }
  const eventId = body.eventId ?? uuidv7();
  const added = { eventId, userId, time: time.text, receivedAt: receivedAtText, traceId };
  const event = transactionEventOf(body, added);
  return { kind: "event", userId, eventId, line: JSON.stringify(event) };
};
