import { nanos } from "@nats-io/nats-core";
import type { NatsConnection } from "@nats-io/nats-core";
import type { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import type { Delivery } from "./delivery.ts";

type Answered = Pick<Delivery, "ackSubject" | "ended">;

/** What the broker is told of a delivery. Whatever ends it is told once; nothing is told of it after that. */
export type Answers = {
  ack: (delivery: Answered) => void;
  /** It is to come again: after so many ms, or at once, to whoever asks. */
  nak: (delivery: Answered, delayMs?: number) => void;
  /** It is never to come again. */
  term: (delivery: Answered) => void;
  /** It is still in hand: its ack deadline begins anew. */
  working: (delivery: Answered) => void;
};

/**
 * Answers on this connection, all of one turn sent together. The library's `ack` encodes and queues three pieces for
 * each message, which costs a worker 1.1 µs more.
 */
export const createAnswers = (nc: NatsConnection): Answers => {
  // What publishes for the library's own parts; it sends when this turn's microtasks are done, as `publish` does.
  const { protocol } = nc as NatsConnectionImpl;
  let commands: string[] = [];
  const send = (): void => {
    protocol.sendCommand(commands.join(""));
    commands = [];
  };
  const tell = ({ ackSubject }: Answered, answer: string): void => {
    if (commands.length === 0) queueMicrotask(send);
    commands.push(`PUB ${ackSubject} ${answer.length}\r\n${answer}\r\n`);
  };
  const end = (delivery: Answered, answer: string): void => {
    if (delivery.ended) return;
    delivery.ended = true;
    tell(delivery, answer);
  };
  return {
    ack: (delivery) => end(delivery, "+ACK"),
    nak: (delivery, delayMs = 0) =>
      end(delivery, delayMs > 0 ? `-NAK ${JSON.stringify({ delay: nanos(delayMs) })}` : "-NAK"),
    // A reason would make NATS 2.9 ignore it and deliver again.
    term: (delivery) => end(delivery, "+TERM"),
    working: (delivery) => {
      if (!delivery.ended) tell(delivery, "+WPI");
    },
  };
};
