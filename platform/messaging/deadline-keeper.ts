export type DeadlineKeeper<Item> = {
  /** From now on the broker is told, well within the ack deadline, that this message is still in hand. */
  keep: (item: Item) => void;
  /** No longer: they are settled, or given back. */
  release: (items: readonly Item[]) => void;
  stop: () => void;
};

/**
 * Extends the ack deadline of every message in hand, whether a handler works on it or it waits its turn, so that none
 * is delivered again while whoever holds it lives.
 */
export const createDeadlineKeeper = <Item>(
  ackWaitMs: number,
  working: (item: Item) => void,
): DeadlineKeeper<Item> => {
  const inHand = new Set<Item>();
  const timer = setInterval(() => {
    for (const item of inHand) working(item);
  }, ackWaitMs / 3);
  return {
    keep: (item) => void inHand.add(item),
    release: (items) => {
      for (const item of items) inHand.delete(item);
    },
    stop: () => clearInterval(timer),
  };
};
