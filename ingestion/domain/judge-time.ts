import { RETENTION_DAYS, judgeEventTime } from "../../contracts/event-time.ts";
import { normaliseTime } from "./normalise-time.ts";
import type { NormalisedTime } from "./normalise-time.ts";

export type RefusedTime = {
  code: "validation_failed" | "event_too_old" | "event_in_future";
  detail: string;
};

/** The time of an event, or why it cannot be taken. @param now Unix milliseconds */
export const judgeTime = (text: string, now: number): NormalisedTime | RefusedTime => {
  const time = normaliseTime(text);
  if (!time) return { code: "validation_failed", detail: "must be an ISO 8601 date and time" };
  const judgement = judgeEventTime(time.ms, now);
  if (judgement === "acceptable") return time;
  return judgement === "too_old"
    ? { code: "event_too_old", detail: `must not be older than ${RETENTION_DAYS} days` }
    : { code: "event_in_future", detail: "must not lie more than a day in the future" };
};
