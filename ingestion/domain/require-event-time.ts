import { AppError } from "../../platform/errors/app-error.ts";
import { invalidBody } from "../../platform/errors/invalid-body.ts";
import { judgeTime } from "./judge-time.ts";
import type { NormalisedTime } from "./normalise-time.ts";

/**
 * The time of an event, if it can be taken.
 * @param pointer where the time stands in the body
 * @throws AppError validation_failed, event_too_old or event_in_future
 */
export const requireEventTime = (text: string, pointer: string, now: number): NormalisedTime => {
  const time = judgeTime(text, now);
  if (!("code" in time)) return time;
  const { code, detail } = time;
  if (code === "validation_failed") throw invalidBody({ pointer, detail });
  throw new AppError(code, `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
};
