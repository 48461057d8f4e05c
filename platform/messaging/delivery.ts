import type { JsMsg } from "@nats-io/jetstream";
import type { MsgImpl } from "@nats-io/nats-core/internal";
import { countLines, splitLines, textOf } from "./ndjson.ts";
import type { Outcome } from "./outcome.ts";
import { placeInStream } from "./place-in-stream.ts";
import type { PlaceInStream } from "./place-in-stream.ts";

/**
 * A message from the stream, without the library's own objects for it. Deliveries are held by the ten thousand while
 * the database writes, and whatever is held is copied twice by the collection of new objects: with the library's
 * message, its five views of the bytes and its texts, that took a worker 1.0 µs of CPU more a message.
 */
export type Delivery = PlaceInStream & {
  subject: string;
  /** On which it is acknowledged; it tells the rest of where the message is stored (place-in-stream.ts). */
  ackSubject: string;
  /** Its bytes. Kept, because the library makes another view of them each time that it is asked. */
  body: Buffer;
  /** How many bytes of headers stand before the body, where the client leaves a message as it arrived. */
  headerBytes: number;
  /** How many events are in it. */
  size: number;
  /** Acknowledged, given back or terminated: the broker is told nothing more of it. */
  ended: boolean;
  /** Not NDJSON: the message itself, with its headers and whatever its bytes are, is the one event. */
  whole: JsMsg | undefined;
};

/** A body without a single line still is one event, an empty one: it has to go to the dead letters. */
export const toDelivery = (message: JsMsg): Delivery => {
  const delivery = deliveryOf(message, undefined);
  delivery.size = Math.max(1, countLines(delivery.body));
  return delivery;
};

export const toWholeDelivery = (message: JsMsg): Delivery => deliveryOf(message, message);

/** What the library's message holds without saying so. */
type Insides = { reply: string; msg: MsgImpl };

const deliveryOf = (message: JsMsg, whole: JsMsg | undefined): Delivery => {
  const { reply: ackSubject, msg } = message as JsMsg & Insides;
  const { sequence, attempt } = placeInStream(ackSubject);
  const headerBytes = Math.max(0, msg._msg.hdr);
  const body = asBuffer(message.data);
  return {
    sequence,
    attempt,
    subject: message.subject,
    ackSubject,
    body,
    headerBytes,
    size: 1,
    ended: false,
    whole,
  };
};

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The bytes of each event in it, in order. */
export const linesOf = ({ body, whole }: Delivery): Buffer[] => {
  const found = whole ? [] : splitLines(body);
  return found.length > 0 ? found : [body];
};

/**
 * Turns the parsed JSON of one line, or the whole `JsMsg` where that is the event, into what the handler takes.
 * @param delivery the message that it came in
 * @throws Error naming what is wrong with it
 */
export type Decode<Event> = (json: unknown, delivery: Delivery) => Event;

export type Reader<Event> = {
  decode: Decode<Event>;
  /** Reads some lines without parsing their JSON, exactly as `decode` would, and leaves the others to it. */
  readPlain?: ((line: string) => Event | undefined) | undefined;
};

export type DecodedBatch<Event> = {
  /** What could be read, in order. */
  events: Event[];
  /** For each event of the batch, in order: undefined where it could be read, and else why it could not. */
  unread: (Outcome | undefined)[];
};

/** Reads every event of the batch; one that cannot be read is dead already and hinders no other. */
export const decodeBatch = <Event>(
  deliveries: readonly Delivery[],
  reader: Reader<Event>,
): DecodedBatch<Event> => {
  const events: Event[] = [];
  const unread: (Outcome | undefined)[] = [];
  for (const delivery of deliveries) {
    for (const line of linesOf(delivery)) {
      try {
        events.push(readEvent(reader, delivery, line));
        unread.push(undefined);
      } catch (error) {
        unread.push(unreadable(error));
      }
    }
  }
  return { events, unread };
};

const readEvent = <Event>({ decode, readPlain }: Reader<Event>, delivery: Delivery, line: Buffer): Event => {
  if (delivery.whole) return decode(delivery.whole, delivery);
  const text = textOf(line);
  return readPlain?.(text) ?? decode(JSON.parse(text), delivery);
};

/** The outcome of every event of the batch, when those that could be read have been handled. */
export const allOutcomes = (
  unread: readonly (Outcome | undefined)[],
  handled: readonly Outcome[],
): Outcome[] => {
  let next = 0;
  return unread.map((dead) => dead ?? handled[next++]!);
};

const unreadable = (error: unknown): Outcome => ({
  kind: "dead",
  reason: error instanceof Error ? error.message : "unreadable",
  errorClass: error instanceof Error ? error.name : "UnknownError",
});
