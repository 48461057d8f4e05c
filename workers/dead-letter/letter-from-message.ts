import { moment } from "../../contracts/times.ts";
import type { JsMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/nats-core";
import { ORIGINAL_HEADER_PREFIX } from "../../platform/messaging/dead-letter.ts";
import type { DeadLetterHeader } from "../../platform/messaging/dead-letter.ts";
import { uuidv7 } from "uuidv7";
import { readIdentity } from "./domain/read-identity.ts";
import { LETTER_ID_HEADER } from "./domain/replayed-message.ts";
import type { NewLetter } from "./sql/letters.ts";

/**
 * Reads a message of the dead letters' stream. Takes whatever is there: a letter that lacks something, or holds what
 * the database cannot, is stored with what can be known of it.
 */
export const letterFromMessage = (message: JsMsg): NewLetter => {
  const { headers, info } = message;
  const text = (name: DeadLetterHeader): string => clean(headers?.get(name) ?? "");
  const arrived = new Date(Math.floor(info.timestampNanos / 1_000_000));
  const payload = Buffer.from(message.data);
  const original = originalHeaders(headers);
  const lastFailedAt = momentOf(text("Dead-Letter-Last-Failure")) ?? arrived;
  return {
    id: uuidv7(),
    identity:
      clean(headers?.get("Nats-Msg-Id") ?? "") ||
      `${info.stream}:${info.streamSequence}:${info.timestampNanos}`,
    stream: text("Dead-Letter-Stream") || "unknown",
    consumer: text("Dead-Letter-Consumer") || "unknown",
    subject: text("Dead-Letter-Subject") || "unknown",
    streamSequence: wholeNumber(text("Dead-Letter-Sequence"), Number.MAX_SAFE_INTEGER) ?? 0,
    line: wholeNumber(text("Dead-Letter-Line"), MAX_INTEGER) ?? 0,
    errorClass: text("Dead-Letter-Error-Class") || "Unknown",
    errorMessage: text("Dead-Letter-Error-Message"),
    attempts: wholeNumber(text("Dead-Letter-Attempts"), MAX_INTEGER) ?? 1,
    payload,
    headers: original,
    ...readIdentity(payload),
    replayOf: UUID.exec(original[LETTER_ID_HEADER]?.[0] ?? "")?.[0] ?? null,
    firstFailedAt: momentOf(text("Dead-Letter-First-Failure")) ?? lastFailedAt,
    lastFailedAt,
  };
};

const MAX_INTEGER = 2 ** 31 - 1;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const originalHeaders = (headers: MsgHdrs | undefined): Record<string, string[]> =>
  Object.fromEntries(
    [...(headers ?? [])].flatMap(([name, values]) =>
      name.startsWith(ORIGINAL_HEADER_PREFIX)
        ? [[name.slice(ORIGINAL_HEADER_PREFIX.length), values.map(clean)]]
        : [],
    ),
  );

// PostgreSQL text takes no NUL.
const clean = (text: string): string => text.replaceAll("\0", "\uFFFD").slice(0, 2_000);

const wholeNumber = (text: string, max: number): number | undefined =>
  /^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : undefined;

/** Of a text that the database could store as a time. */
const momentOf = (text: string): Date | undefined => {
  const { data } = moment.safeParse(text);
  return data === undefined ? undefined : new Date(data);
};
