/** Anything that counts as a number of events: a message with its lines. */
export type Sized = { size: number };

export type GathererOptions = {
  /** A batch of so many events goes as soon as there is room in the air. */
  events: number;
  /** While there is none, it may grow to so many; then the source has to wait. */
  maxEvents: number;
  /** A smaller batch goes so long after its first event, in ms. */
  lingerMs: number;
  /** Batches that may be under way at once. */
  maxInAir: number;
};

export type BatchGatherer<Item extends Sized> = {
  /** Adds an item; resolves when another one may be added. */
  add: (item: Item) => Promise<void> | void;
  /** Sends what is left and waits until everything sent has been dealt with. */
  finish: () => Promise<void>;
};

/** Gathers items into batches by size or time, whichever comes first, and keeps a few of them in the air. */
export const createBatchGatherer = <Item extends Sized>(
  run: (items: Item[]) => Promise<void>,
  { events, maxEvents, lingerMs, maxInAir }: GathererOptions,
): BatchGatherer<Item> => {
  let items: Item[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  let due = false;
  let inAir = 0;
  let finishing = false;
  let waiters: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  };

  const send = (): void => {
    if (items.length === 0 || inAir === maxInAir || !(due || finishing || size >= events)) return;
    const batch = items;
    items = [];
    size = 0;
    due = false;
    clearTimeout(timer);
    timer = undefined;
    inAir += 1;
    void run(batch).finally(() => {
      inAir -= 1;
      send();
      wake();
    });
    wake();
  };

  const changed = (): Promise<void> => new Promise((resolve) => waiters.push(resolve));

  const isFull = (): boolean => size >= maxEvents;
  const isIdle = (): boolean => inAir === 0 && items.length === 0;

  const untilRoom = async (): Promise<void> => {
    while (isFull()) await changed();
  };

  return {
    add: (item) => {
      items.push(item);
      size += item.size;
      timer ??= setTimeout(() => {
        due = true;
        send();
      }, lingerMs);
      send();
      return isFull() ? untilRoom() : undefined;
    },
    finish: async () => {
      finishing = true;
      send();
      while (!isIdle()) await changed();
    },
  };
};
