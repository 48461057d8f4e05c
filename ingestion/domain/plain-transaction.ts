import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import { maySend } from "../../platform/identity/authorize.ts";
import { isObject, isPlainId, isPlainText, isPlainTime } from "./plain-fields.ts";
import type { Arrival, Reading } from "./reading.ts";

const CURRENCY = /^[A-Z]{3}$/;
const AMOUNT = /^\d{1,11}(?:\.\d{1,4})?$/;

/**
 * A transaction as nearly all clients write it, with an event id, read without the schema; undefined for everything
 * else, be it right or wrong: the schema decides. For what it saves see `readPlainEmotion`.
 */
export const readPlainTransaction = (json: unknown, arrival: Arrival): Reading | undefined => {
  if (!isObject(json)) return undefined;
  const { userId, eventId, amount, currency = DEFAULT_CURRENCY, category, occurredAt } = json;
  if (!isPlainId(userId) || !isPlainText(eventId)) return undefined;
  if (typeof currency !== "string" || !CURRENCY.test(currency)) return undefined;
  if (category !== undefined && !isPlainText(category)) return undefined;
  const time = occurredAt ?? arrival.receivedAtText;
  if (occurredAt === null || !isPlainTime(time, arrival)) return undefined;
  if (typeof amount !== "number" || amount <= 0) return undefined;
  const digits = String(amount);
  if (!AMOUNT.test(digits) || !maySend(arrival.caller, userId)) return undefined;
  const line =
    `{"eventId":"${eventId}","userId":"${userId}","amount":"${digits}","currency":"${currency}",` +
    `${category === undefined ? "" : `"category":"${category}",`}"occurredAt":"${time}",` +
    `"receivedAt":"${arrival.receivedAtText}","traceId":${JSON.stringify(arrival.traceId)}}`;
  return { kind: "event", userId, eventId, line };
};
