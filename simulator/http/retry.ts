import type { Random } from "../domain/random.ts";
import type { Attempt } from "./attempt.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const RETRYABLE = new Set([408, 429, 502, 503, 504]);

/**
 * Whether trying again can help, and how long to wait before: as long as `Retry-After` says, with up to a tenth on
 * top so that not everybody comes back at once; without one, exponentially longer with full jitter.
 * @param attempts how many there have been
 * @returns ms, or undefined when the answer is final
 */
export const waitBeforeRetry = (
  attempt: Attempt,
  attempts: number,
  now: number,
  random: Random,
): number | undefined => {
  if (attempt.kind === "answered" && !mayPass(attempt)) return undefined;
  const asked = attempt.kind === "answered" ? parseRetryAfter(attempt.retryAfter, now) : undefined;
  if (asked !== undefined) return asked * (1 + 0.1 * random());
  return random() * Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
};

// The 409 comes when the answer to the first attempt was lost while it was still being worked on.
const mayPass = ({ status, body }: Extract<Attempt, { kind: "answered" }>): boolean =>
  RETRYABLE.has(status) || (status === 409 && body["code"] === "request_in_progress");

/** `Retry-After` in ms from now: seconds or an HTTP date (RFC 9110 §10.2.3). */
export const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
};
