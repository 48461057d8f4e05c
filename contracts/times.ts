import { z } from "@hono/zod-openapi";

const { datetime } = z.core.regexes;

/** A text that is a time once `t` and `z` are the capital letters that RFC 3339 (section 5.6) lets them stand for. */
const timeText = (forms: readonly RegExp[], what: string) =>
  z
    .string(what)
    .toUpperCase()
    .regex(new RegExp(forms.map(({ source }) => source).join("|")), {
      error: ({ input }) => what + hint(String(input)),
      abort: true,
    });

/** What is wrong with a time that nearly was one, and how it is written. */
const hint = (text: string): string => {
  const [, offset] = /T.*([+-]\d\d(?:\d\d)?)$/.exec(text) ?? [];
  if (offset) return `; write ${offset} as ${offset.slice(0, 3)}:${offset.slice(3) || "00"}`;
  return /T.* \d\d:?\d\d$/.test(text) ? "; in a query write the + of its offset as %2B" : "";
};

const either = { offset: true, local: true };

/**
 * RFC 3339, and of ISO 8601 besides: a time without an offset is UTC, and the seconds may be missing, since java.time
 * and others leave them out on the full minute.
 */
export const timestamp = timeText(
  [datetime(either), datetime({ ...either, precision: -1 })],
  "must be an ISO 8601 date and time",
).openapi({ type: "string", format: "date-time", example: "2026-11-20T18:25:43.511Z" });

const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const END_MS = Date.parse("9999-12-31T23:59:59.999Z");
const FAR_OFFSET = /[+-](1[6-9]|2\d):\d\d$/;

// PostgreSQL has no year 0 and no farther offset, and years of five digits are not ISO 8601 any more; it rounds to
// microseconds, which may make one of the last millisecond.
const isStorable = (text: string): boolean => {
  const at = Date.parse(text);
  return at >= FIRST_MS && at < END_MS && !FAR_OFFSET.test(text);
};

/** RFC 3339: with seconds and an offset. */
export const moment = timeText(
  [datetime({ offset: true })],
  "must be an ISO 8601 date and time with an offset",
)
  .refine(isStorable, "must be of the years 1 to 9999, and its offset at most 15:59")
  .openapi({ type: "string", format: "date-time" });

/** As intake writes times and events carry them: in UTC, with a capital Z. */
export const utcTime = z.iso.datetime("must be a date and time in UTC such as 2026-11-20T18:25:43.511Z");
