import { setTimeout as sleep } from "node:timers/promises";

/** The clock of live traffic. Waiting ends at once, with false, when the run is stopping. */
export type Clock = {
  readonly elapsed: () => number;
  /** Waits until so many ms of live traffic are over. */
  readonly until: (offsetMs: number) => Promise<boolean>;
  /** Waits for so many ms. */
  readonly pass: (ms: number) => Promise<boolean>;
};

export const startClock = (stopping: AbortSignal): Clock => {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const pass = (ms: number): Promise<boolean> =>
    sleep(Math.max(ms, 0), true, { signal: stopping }).catch(() => false);
  return { elapsed, pass, until: (offsetMs) => pass(offsetMs - elapsed()) };
};
