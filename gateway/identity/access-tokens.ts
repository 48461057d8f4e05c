import { makeRoom } from "../../platform/cache/make-room.ts";
import type { Revocations } from "./revocations.ts";
import { createTokenVerifier, expired } from "./verify-token.ts";
import type { VerifiedToken } from "./verify-token.ts";

export type AccessTokens = {
  /** What a token says, if it is good at this moment. @throws AppError invalid_token; service_unavailable */
  verify: (token: string) => VerifiedToken;
};

// A caller's token is the same for many requests, and looking it up takes a hundredth of checking it.
const REMEMBERED = 10_000;

/** @param now Unix milliseconds */
export const createAccessTokens = (
  jwtSecret: string,
  revocations: Pick<Revocations, "check">,
  now: () => number = Date.now,
): AccessTokens => {
  const verifyToken = createTokenVerifier(jwtSecret);
  const verified = new Map<string, VerifiedToken>();

  const remember = (token: string): VerifiedToken => {
    const result = verifyToken(token, now());
    makeRoom(verified, REMEMBERED);
    verified.set(token, result);
    return result;
  };

  return {
    verify: (token) => {
      const result = verified.get(token) ?? remember(token);
      if (result.expiresAt <= now()) {
        verified.delete(token);
        throw expired();
      }
      revocations.check(result);
      return result;
    },
  };
};
