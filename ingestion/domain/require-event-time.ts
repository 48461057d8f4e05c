import { RETENTION_DAYS, judgeEventTime } from "../../contracts/event-time.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { normaliseTime } from "./normalise-time.ts";
import type { NormalisedTime } from "./normalise-time.ts";

/**
 * The time of an event, if it can be taken.
 * @param pointer where the time stands in the body
 * @throws AppError validation_failed, event_too_old or event_in_future
 */
export const requireEventTime = (text: string, pointer: string, now: number): NormalisedTime => {
  const time = normaliseTime(text);
  if (!time) {
    const detail = "must be an ISO 8601 date and time";
    throw new AppError("validation_failed", "The body breaks a rule: see errors", {
      errors: [{ pointer, detail }],
    });
  }
  const judgement = judgeEventTime(time.ms, now);
  if (judgement === "too_old") {
    const detail = `must not be older than ${RETENTION_DAYS} days`;
    throw new AppError("event_too_old", `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
  }
  if (judgement === "in_future") {
    const detail = "must not lie more than a day in the future";
    throw new AppError("event_in_future", `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
  }
  return time;
};
