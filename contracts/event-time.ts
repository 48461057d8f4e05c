const DAY_MS = 24 * 60 * 60 * 1_000;

/** Raw events are kept for at least so long, and identified for as long: an older one could not be told from a re-send. */
export const RETENTION_DAYS = 90;
/**
 * Clocks of devices run ahead, and local times sent without an offset by up to 14 hours; further than this they are
 * wrong. Within it an event keeps the time that it came with: a re-send has the same one, and so has a recomputation.
 */
export const FUTURE_TOLERANCE_MS = DAY_MS;

export type EventTime = "acceptable" | "too_old" | "in_future";

/**
 * Whether an event of this time can be taken, by the server's clock. Both in Unix milliseconds. Judged once, at the
 * door: what intake has taken stays valid however long it waits in its stream.
 */
export const judgeEventTime = (occurredAt: number, now: number): EventTime => {
  const { oldest, newest } = acceptableTimes(now);
  if (occurredAt < oldest) return "too_old";
  return occurredAt > newest ? "in_future" : "acceptable";
};

/** The first and the last moment that an event can have to be taken now. All in Unix milliseconds. */
export const acceptableTimes = (now: number): { oldest: number; newest: number } => ({
  oldest: now - RETENTION_DAYS * DAY_MS,
  newest: now + FUTURE_TOLERANCE_MS,
});

/** Unix milliseconds of an ISO 8601 time; one without an offset is UTC. */
export const parseTimestamp = (text: string): number =>
  Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
