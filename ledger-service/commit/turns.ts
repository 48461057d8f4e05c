import { AppError } from "../../platform/errors/app-error.ts";

export type TurnsOptions = {
  /** How many works go on at a time. */
  atOnce: number;
  /** How many works of one caller wait at most. */
  mostWaiting: number;
};

export type Turns = {
  /**
   * Does the work when its turn has come. Of one caller one work goes on at a time; null is for nobody in particular,
   * whom only the number at a time holds back.
   * @throws AppError rate_limited when too many of the caller's wait already, or what the work throws
   */
  take: <Result>(caller: string | null, work: () => Promise<Result>) => Promise<Result>;
};

type Waiting = { caller: string | null; start: () => void };

/**
 * Lets large works of the database take turns. Each occupies a connection for long, and without turns the works of one
 * caller alone would occupy all of them: everybody else's would wait until the last was done.
 */
export const createTurns = ({ atOnce, mostWaiting }: TurnsOptions): Turns => {
  const waiting: Waiting[] = [];
  /** Callers of whom a work is going on. */
  const busy = new Set<string>();
  let running = 0;

  const next = (): void => {
    while (running < atOnce) {
      const place = waiting.findIndex(({ caller }) => caller === null || !busy.has(caller));
      if (place < 0) return;
      const [{ caller, start }] = waiting.splice(place, 1) as [Waiting];
      running++;
      if (caller !== null) busy.add(caller);
      start();
    }
  };

  return {
    take: async (caller, work) => {
      if (caller !== null && waiting.filter((other) => other.caller === caller).length >= mostWaiting)
        throw new AppError(
          "rate_limited",
          "Too many of your large requests wait already: send fewer at once",
          {
            retryAfter: 1,
          },
        );
      await new Promise<void>((start) => {
        waiting.push({ caller, start });
        next();
      });
      try {
        return await work();
      } finally {
        running--;
        if (caller !== null) busy.delete(caller);
        next();
      }
    },
  };
};
