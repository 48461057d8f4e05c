/** `burst` tokens at most, `perSecond` of them coming back every second. */
export type Quota = { perSecond: number; burst: number };

/** How many tokens there were at a moment, in ms of whatever clock. */
export type Bucket = { tokens: number; at: number };

export type Verdict = { allowed: true } | { allowed: false; retryAfterMs: number };

export const ALLOWED: Verdict = { allowed: true };

export const fullBucket = ({ burst }: Quota, now: number): Bucket => ({ tokens: burst, at: now });

/** Takes one token out of a bucket of this process's own. */
export const takeToken = (bucket: Bucket, { perSecond, burst }: Quota, now: number): Verdict => {
  const gained = (Math.max(0, now - bucket.at) * perSecond) / 1_000;
  bucket.tokens = Math.min(burst, bucket.tokens + gained);
  bucket.at = now;
  if (bucket.tokens < 1) {
    return { allowed: false, retryAfterMs: Math.ceil(((1 - bucket.tokens) * 1_000) / perSecond) };
  }
  bucket.tokens -= 1;
  return ALLOWED;
};
