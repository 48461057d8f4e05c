import type { JsMsg } from "@nats-io/jetstream";
import { countLines, parseLine, splitLines } from "./ndjson.ts";
import type { Outcome } from "./outcome.ts";
import { ackSubjectOf, placeInStream } from "./place-in-stream.ts";
import type { PlaceInStream } from "./place-in-stream.ts";

/** A message from the stream; deliveries are held by the thousand, and so hold little that can be made when needed. */
export type Delivery = PlaceInStream & {
  message: JsMsg;
  /** Its bytes. Kept, because the library makes another view of them each time that it is asked. */
  body: Buffer;
  /** How many events are in it. */
  size: number;
  /** Not NDJSON: the message itself, with its headers and whatever its bytes are, is the one event. */
  whole?: true;
};

/** A body without a single line still is one event, an empty one: it has to go to the dead letters. */
export const toDelivery = (message: JsMsg): Delivery => {
  const { sequence, attempt } = placeInStream(ackSubjectOf(message));
  const body = bodyOf(message);
  return { sequence, attempt, message, body, size: Math.max(1, countLines(body)) };
};

export const toWholeDelivery = (message: JsMsg): Delivery => {
  const { sequence, attempt } = placeInStream(ackSubjectOf(message));
  return { sequence, attempt, message, body: bodyOf(message), size: 1, whole: true };
};

const bodyOf = ({ data }: JsMsg): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** The bytes of each event in it, in order. */
export const linesOf = ({ body, whole }: Delivery): Buffer[] => {
  const found = whole ? [] : splitLines(body);
  return found.length > 0 ? found : [body];
};

/**
 * Turns the parsed JSON of one line, or the whole `JsMsg` where that is the event, into what the handler takes.
 * @throws Error naming what is wrong with it
 */
export type Decode<Event> = (json: unknown) => Event;

/** One event of a batch: where it came from, and what is known of its fate. */
export type Slot = { delivery: Delivery; line: number; outcome: Outcome | undefined };

export type DecodedBatch<Event> = {
  /** The slots of each delivery, in the order of the deliveries. */
  parcels: Slot[][];
  /** What could be read, and the slots of these events, side by side. */
  events: Event[];
  readable: Slot[];
};

/** Reads every event of the batch; one that cannot be read is dead already and hinders no other. */
export const decodeBatch = <Event>(deliveries: Delivery[], decode: Decode<Event>): DecodedBatch<Event> => {
  const events: Event[] = [];
  const readable: Slot[] = [];
  const parcels = deliveries.map((delivery) =>
    linesOf(delivery).map((bytes, line) => {
      const slot: Slot = { delivery, line, outcome: undefined };
      try {
        events.push(decode(delivery.whole ? delivery.message : parseLine(bytes)));
        readable.push(slot);
      } catch (error) {
        slot.outcome = unreadable(error);
      }
      return slot;
    }),
  );
  return { parcels, events, readable };
};

const unreadable = (error: unknown): Outcome => ({
  kind: "dead",
  reason: error instanceof Error ? error.message : "unreadable",
  errorClass: error instanceof Error ? error.name : "UnknownError",
});
