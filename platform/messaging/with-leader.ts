import { setTimeout as sleep } from "node:timers/promises";
import { isLeaderless } from "./broker-errors.ts";

const WITHIN_MS = 60_000;
const PAUSE_MS = 250;

/**
 * Makes streams or consumers, again and again while the broker has nobody who could: a cluster that is starting, or
 * whose leader was lost a moment ago. The work must be safe to repeat.
 * @throws what the last attempt threw
 */
export const withLeader = async <T>(work: () => Promise<T>, withinMs = WITHIN_MS): Promise<T> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLeaderless(error) || performance.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
};
