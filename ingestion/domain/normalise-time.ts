import { parseTimestamp } from "../../contracts/event-time.ts";

export type NormalisedTime = {
  /** Unix milliseconds. */
  ms: number;
  /** ISO 8601 in UTC, to the microsecond where the client gave so much. */
  text: string;
};

const FINER_THAN_MS = /\.\d{3}(\d{1,3})/;

/** One text for one moment, whatever offset and precision it was written in. undefined: no such moment. */
export const normaliseTime = (text: string): NormalisedTime | undefined => {
  const ms = parseTimestamp(text);
  if (Number.isNaN(ms)) return undefined;
  const iso = new Date(ms).toISOString();
  const finer = FINER_THAN_MS.exec(text)?.[1]?.replace(/0+$/, "");
  return { ms, text: finer ? `${iso.slice(0, -1)}${finer}Z` : iso };
};
