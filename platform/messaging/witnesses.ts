import type { JsMsg } from "@nats-io/jetstream";

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
  delivered: (message: JsMsg) => void;
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
  let newest: JsMsg | undefined;
  let kept: Witness[] = [];
  const keepNewest = (): void => {
    if (!newest || newest.seq === kept.at(-1)?.seq) return;
    kept.push(witnessOf(newest));
    if (kept.length > KEPT) kept.shift();
  };
  const timer = setInterval(keepNewest, EVERY_MS);
  return {
    delivered: (message) => {
      if (!newest || message.seq > newest.seq) newest = message;
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

const witnessOf = ({ seq, info, headers }: JsMsg): Witness => ({
  seq,
  storedAt: info.timestampNanos / 1e6,
  messageId: headers?.get("Nats-Msg-Id") ?? "",
});
