import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";

// Lines as intake writes them, read without JSON.parse and the schema: 0.6 µs of a worker's CPU less for each than
// parsing them and looking at every field, which is 1.1 µs less than the schema takes for that. Each expression takes
// only what the schema takes, and takes it as it is: a property test holds the two together. What it does not take, be
// it right or wrong, is left to the schema.

/** Printable ASCII that JSON writes as it is. */
const text = (least: number, most: number): string => String.raw`"([ !#-\[\]-~]{${least},${most}})"`;
const UUID = String.raw`"([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"`;
/** A moment in UTC as `toISOString` writes it; the 29th of February is left to the schema. */
const TIME = String.raw`"(\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)"`;
const AMOUNT = String.raw`"(\d{1,11}(?:\.\d{1,4})?)"`;
const METRIC = String.raw`(0|1|0\.\d{1,17})`;
const TRACE_ID = `(?:,"traceId":${text(0, 128)})?`;

const EMOTION = new RegExp(
  String.raw`^\{"eventId":${text(1, 64)},"userId":${UUID},"timestamp":${TIME},"receivedAt":${TIME}${TRACE_ID}` +
    String.raw`,"emotionEvent":\{"type":${text(1, 64)},"metrics":` +
    String.raw`\{"positivity":${METRIC},"intensity":${METRIC},"stress_level":${METRIC}\}\}\}$`,
);

const TRANSACTION = new RegExp(
  String.raw`^\{"eventId":${text(1, 64)},"userId":${UUID},"amount":${AMOUNT},"currency":"([A-Z]{3})"` +
    String.raw`(?:,"category":${text(1, 64)})?,"occurredAt":${TIME},"receivedAt":${TIME}${TRACE_ID}\}$`,
);

/** undefined for what is not written as intake writes emotions. */
export const readPlainEmotion = (line: string): EmotionEvent | undefined => {
  const found = EMOTION.exec(line);
  if (!found) return undefined;
  const event: EmotionEvent = {
    eventId: found[1]!,
    userId: found[2]!,
    timestamp: found[3]!,
    receivedAt: found[4]!,
    emotionEvent: {
      type: found[6]!,
      metrics: {
        positivity: Number(found[7]),
        intensity: Number(found[8]),
        stress_level: Number(found[9]),
      },
    },
  };
  if (found[5] !== undefined) event.traceId = found[5];
  return event;
};

/** The same for transactions. */
export const readPlainTransaction = (line: string): TransactionEvent | undefined => {
  const found = TRANSACTION.exec(line);
  if (!found) return undefined;
  const event: TransactionEvent = {
    eventId: found[1]!,
    userId: found[2]!,
    amount: found[3]!,
    currency: found[4]!,
    occurredAt: found[6]!,
    receivedAt: found[7]!,
  };
  if (found[5] !== undefined) event.category = found[5];
  if (found[8] !== undefined) event.traceId = found[8];
  return event;
};
