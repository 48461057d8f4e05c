/** Random numbers 0 ≤ n < 1; passed in so that tests can fix them. */
export type Random = () => number;

export type RetrySchedule = {
  /** The first delay's upper bound, in ms; it doubles from attempt to attempt. */
  baseMs: number;
  capMs: number;
};

export const RETRY_CAP_MS = 5 * 60 * 1_000;

/**
 * How long to wait before the next attempt, in ms, after `attempt` (1 is the first) has failed: anything from
 * nothing to the bound ("full jitter"), so that what failed together does not come back together.
 */
export const retryDelay = (schedule: RetrySchedule, attempt: number, random: Random = Math.random): number =>
  Math.round(random() * retryBound(schedule, attempt));

export const retryBound = ({ baseMs, capMs }: RetrySchedule, attempt: number): number =>
  Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempt, 1) - 1, 40));
