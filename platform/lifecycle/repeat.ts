import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../observability/logger.ts";

export type Repetition = {
  /** Do it soon instead of at the next interval; many calls while it runs make one further run. */
  wake: () => void;
  /** Ends it, after the run that is under way. */
  stop: () => Promise<void>;
};

/**
 * Does something at once, and again after each interval, never twice at the same time. When the work says `true`,
 * there is more, and it runs again immediately. A failure is logged and waits for the next interval.
 */
export const repeat = (
  logger: Logger,
  name: string,
  everyMs: number,
  work: () => Promise<boolean | void>,
): Repetition => {
  let stopped = false;
  let woken = false;
  let waiting: AbortController | undefined;

  const wake = (): void => {
    woken = true;
    waiting?.abort();
  };

  const pause = async (): Promise<void> => {
    if (woken || stopped) return;
    waiting = new AbortController();
    await sleep(everyMs, undefined, { signal: waiting.signal }).catch(() => {});
    waiting = undefined;
  };

  const run = async (): Promise<void> => {
    while (!isStopped()) {
      woken = false;
      try {
        if ((await work()) === true) continue;
      } catch (error) {
        logger.warn({ err: error, work: name }, "did not succeed: tried again later");
        woken = false;
      }
      await pause();
    }
  };
  const isStopped = (): boolean => stopped;
  const running = run();

  return {
    wake,
    stop: async () => {
      stopped = true;
      wake();
      await running;
    },
  };
};
