export type DepartureLimits = {
  /** Milliseconds between two departures, at least, unless `enough` wait. */
  everyMs: number;
  /** As many depart without waiting for that. */
  enough: number;
};

/**
 * When what gathers departs: at the end of the turn of the event loop, if the turn brought enough or nothing departed
 * within the last `everyMs`; otherwise once these are over, or enough have gathered. So one that comes alone waits for
 * nothing, and several depart together even where each turn brings one. Returns what to call for each that comes to
 * wait.
 */
export const createDepartures = (depart: () => void, { everyMs, enough }: DepartureLimits): (() => void) => {
  let waiting = 0;
  let last = -Infinity;
  let hold: NodeJS.Timeout | undefined;

  const go = (): void => {
    waiting = 0;
    hold = undefined;
    last = performance.now();
    depart();
  };

  const goOrHold = (): void => {
    const left = last + everyMs - performance.now();
    if (waiting >= enough || left <= 0) go();
    else hold = setTimeout(go, left);
  };

  return () => {
    waiting += 1;
    if (waiting === 1) setImmediate(goOrHold);
    else if (waiting === enough && hold) {
      clearTimeout(hold);
      hold = undefined;
      setImmediate(go);
    }
  };
};
