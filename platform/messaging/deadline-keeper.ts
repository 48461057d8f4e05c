import type { Delivery } from "./delivery.ts";

type Held = Pick<Delivery, "message">;

export type DeadlineKeeper<Item extends Held> = {
  /** From now on the broker is told, well within the ack deadline, that this message is still in hand. */
  keep: (item: Item) => void;
  /** No longer: they are settled, or given back. */
  release: (items: readonly Item[]) => void;
  stop: () => void;
};

/**
 * Extends the ack deadline of every message in hand, whether a handler works on it or it waits its turn, so that none
 * is delivered again while whoever holds it lives. A message that is settled meanwhile is not touched.
 */
export const createDeadlineKeeper = <Item extends Held>(ackWaitMs: number): DeadlineKeeper<Item> => {
  const inHand = new Set<Item>();
  const timer = setInterval(() => {
    for (const { message } of inHand) message.working();
  }, ackWaitMs / 3);
  return {
    keep: (item) => void inHand.add(item),
    release: (items) => {
      for (const item of items) inHand.delete(item);
    },
    stop: () => clearInterval(timer),
  };
};
