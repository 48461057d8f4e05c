import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

// Both sides are hashed under a key of this process alone, so that neither length nor content leaks through timing.
const key = randomBytes(32);
const digest = (text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Compares a presented secret with the expected one in constant time; an absent one equals nothing. */
export const secretsEqual = (presented: string | undefined, expected: string): boolean =>
  timingSafeEqual(digest(presented ?? ""), digest(expected)) && presented !== undefined;
