import { createHash } from "node:crypto";
import type { RedisConnection } from "../../platform/cache/redis.ts";
import { AppError } from "../../platform/errors/app-error.ts";

export type GuessGuard = {
  /** Counts a try before its password is looked at, so that many at once are many. @throws AppError rate_limited */
  admit: (email: string) => Promise<void>;
  /** After the right password: what was tried before is of no account. */
  forget: (email: string) => Promise<void>;
};

export type GuessGuardOptions = {
  redis: RedisConnection;
  /** Tries for one email within the window. NIST SP 800-63B-4, section 3.2.2: at most 100 in a row that fail. */
  most?: number;
  windowSeconds?: number;
};

/**
 * Bounds how often one email's password is guessed, from however many addresses, whether the email is known or not.
 * Without Redis nothing is counted: the gateway's quota by address is left.
 */
export const createGuessGuard = ({
  redis,
  most = 100,
  windowSeconds = 900,
}: GuessGuardOptions): GuessGuard => ({
  admit: async (email) => {
    const key = guessesKey(email);
    const replies = await redis.attempt((client) =>
      client.multi().incr(key).expire(key, windowSeconds, "NX").ttl(key).exec(),
    );
    const [tries, , seconds] = (replies ?? []).map(([, reply]) => Number(reply));
    if (tries === undefined || tries <= most) return;
    throw new AppError("rate_limited", "Too many passwords were tried for this email: wait", {
      retryAfter: Math.max(1, seconds ?? windowSeconds),
    });
  },
  forget: async (email) => {
    await redis.attempt((client) => client.del(guessesKey(email)));
  },
});

/** Where an email's tries are counted; the email itself is not kept there. */
export const guessesKey = (email: string): string =>
  `credit:guesses:${createHash("sha256").update(email).digest("base64url")}`;
