import type { Delivery } from "./delivery.ts";
import { headersOf } from "./headers-of.ts";
import { storedIn } from "./place-in-stream.ts";

type Delivered = Pick<Delivery, "sequence" | "ackSubject" | "body" | "headerBytes">;

/** A message that was delivered: by its place in the stream, and by what tells it from any other there. */
export type Witness = {
  readonly seq: number;
  /** When the broker stored it, in ms. */
  readonly storedAt: number;
  /** Empty when it had none. */
  readonly messageId: string;
};

export type Witnesses = {
  /** To be told of every message that is delivered. */
  delivered: (delivery: Delivered) => void;
  /** The newest first. */
  all: () => Witness[];
  forget: () => void;
  stop: () => void;
};

// The newest of each tenth of a second, for a minute in which messages came.
const EVERY_MS = 100;
const KEPT = 600;

/** Remembers some of what was delivered, to hold the stream to it later. */
export const createWitnesses = (): Witnesses => {
  let newest: Delivered | undefined;
  let kept: Witness[] = [];
  const keepNewest = (): void => {
    if (!newest || newest.sequence === kept.at(-1)?.seq) return;
    kept.push(witnessOf(newest));
    if (kept.length > KEPT) kept.shift();
  };
  const timer = setInterval(keepNewest, EVERY_MS);
  return {
    delivered: (delivery) => {
      if (!newest || delivery.sequence > newest.sequence) newest = delivery;
    },
    all: () => {
      keepNewest();
      return kept.toReversed();
    },
    forget: () => {
      newest = undefined;
      kept = [];
    },
    stop: () => clearInterval(timer),
  };
};

const witnessOf = (delivery: Delivered): Witness => ({
  seq: delivery.sequence,
  storedAt: storedIn(delivery.ackSubject).timestampNanos / 1e6,
  messageId: headersOf(delivery)?.get("Nats-Msg-Id") ?? "",
});
