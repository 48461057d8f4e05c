export type SilenceGuard = {
  /** May a command be sent now? While Redis is suspected, one command a pause may find out. */
  admits: (now: number) => boolean;
  answered: (started: number, now: number) => void;
  timedOut: (started: number, now: number) => void;
};

const PAUSE_MS = 1_000;
// A timer that fires this late tells of our own stalled event loop, not of Redis.
const STALL_MS = 30;

/** Remembers that Redis has gone silent, so that not every request waits for it. All times in ms of one clock. */
export const createSilenceGuard = ({
  timeoutMs,
  pauseMs = PAUSE_MS,
}: {
  timeoutMs: number;
  pauseMs?: number;
}): SilenceGuard => {
  let suspected = false;
  let pausedUntil = -Infinity;
  let lastAnswered = -Infinity;

  return {
    admits: (now) => {
      if (!suspected) return true;
      if (now < pausedUntil) return false;
      // This one probes; the others go on without Redis until it has come back.
      pausedUntil = now + pauseMs;
      return true;
    },
    answered: (_started, now) => {
      suspected = false;
      lastAnswered = now;
    },
    timedOut: (started, now) => {
      const stalled = now - started > timeoutMs + STALL_MS;
      if (lastAnswered > started || (stalled && !suspected)) return;
      suspected = true;
      pausedUntil = now + pauseMs;
    },
  };
};
