export type Schedule = {
  /** When each request was due that has become due since it was last asked, in ms; in order. */
  readonly take: (now: number) => number[];
};

/** `rate` requests a second for so many seconds, evenly spaced, the first one at `start` (ms). */
export const constantRate = (start: number, rate: number, seconds: number): Schedule => {
  const count = Math.floor(rate * seconds);
  const dueAt = (index: number): number => start + (index * 1_000) / rate;
  let taken = 0;
  return {
    take: (now) => {
      const due: number[] = [];
      while (taken < count && dueAt(taken) <= now) due.push(dueAt(taken++));
      return due;
    },
  };
};
