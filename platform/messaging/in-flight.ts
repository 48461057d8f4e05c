export type InFlightLimits = { lines: number; bytes: number };

/** What is under way to the broker, counted in lines and bytes. */
export type InFlight = {
  lines: () => number;
  /** Whether nothing of this size may be added. */
  isFull: (bytes: number) => boolean;
  add: (lines: number, bytes: number) => void;
  /**
   * Adds as soon as less than half of the limits is used, in the order of asking. False, and nothing is added, when
   * after this many ms there is no room at all.
   */
  addInTurn: (lines: number, bytes: number, withinMs: number) => Promise<boolean>;
  remove: (lines: number, bytes: number) => void;
};

/** Bulk senders wait for half of the room, so that single events always find the other half. */
const BULK_SHARE = 0.5;

export const createInFlight = (limits: InFlightLimits): InFlight => {
  let lines = 0;
  let bytes = 0;
  const queue = new Set<{ admit: (added: boolean) => void }>();

  const isHalfFree = (): boolean => lines < limits.lines * BULK_SHARE && bytes < limits.bytes * BULK_SHARE;
  const isFull = (more: number): boolean => lines >= limits.lines || bytes + more > limits.bytes;
  const add = (moreLines: number, moreBytes: number): void => {
    lines += moreLines;
    bytes += moreBytes;
  };

  return {
    lines: () => lines,
    isFull,
    add,
    addInTurn: (moreLines, moreBytes, withinMs) => {
      if (queue.size === 0 && isHalfFree()) {
        add(moreLines, moreBytes);
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const entry = {
          admit: (added: boolean): void => {
            clearTimeout(late);
            queue.delete(entry);
            if (added) add(moreLines, moreBytes);
            resolve(added);
          },
        };
        const late = setTimeout(() => entry.admit(!isFull(moreBytes)), withinMs);
        queue.add(entry);
      });
    },
    remove: (lessLines, lessBytes) => {
      lines -= lessLines;
      bytes -= lessBytes;
      for (const { admit } of queue) {
        if (!isHalfFree()) return;
        admit(true);
      }
    },
  };
};
