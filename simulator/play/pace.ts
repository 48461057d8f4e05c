import { setTimeout as sleep } from "node:timers/promises";

/** Waits for one's turn; false when the run is stopping. */
export type Pace = () => Promise<boolean>;

/** Turns come at most so many a second, evenly; what was missed while nobody asked is not made up for. */
export const createPace = (perSecond: number, stopping: AbortSignal): Pace => {
  const interval = 1_000 / perSecond;
  let next = performance.now();
  return async () => {
    if (stopping.aborted) return false;
    const now = performance.now();
    const turn = Math.max(next, now - BACKLOG_MS);
    next = turn + interval;
    if (turn <= now) return true;
    return sleep(turn - now, true, { signal: stopping }).catch(() => false);
  };
};

// Timers are a millisecond coarse and the event loop has other things to do: so much lateness is caught up.
const BACKLOG_MS = 50;
