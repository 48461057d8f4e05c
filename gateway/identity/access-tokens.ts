import type { Caller } from "../../platform/identity/caller.ts";
import { createTokenVerifier, expired } from "./verify-token.ts";
import type { VerifiedToken } from "./verify-token.ts";

export type AccessTokens = {
  /** Who a token belongs to. @throws AppError invalid_token */
  callerOf: (token: string) => Caller;
  /** When a token expires that was just found valid, in Unix milliseconds. */
  expiresAt: (token: string) => number | undefined;
};

// A caller's token is the same for many requests, and looking it up takes a hundredth of checking it.
const REMEMBERED = 10_000;

/** @param now Unix milliseconds */
export const createAccessTokens = (jwtSecret: string, now: () => number = Date.now): AccessTokens => {
  const verifyToken = createTokenVerifier(jwtSecret);
  const verified = new Map<string, VerifiedToken>();

  const verify = (token: string): VerifiedToken => {
    const result = verifyToken(token, now());
    // The oldest goes first: a Map keeps the order of insertion.
    if (verified.size >= REMEMBERED) verified.delete(verified.keys().next().value ?? "");
    verified.set(token, result);
    return result;
  };

  return {
    callerOf: (token) => {
      const { caller, expiresAt } = verified.get(token) ?? verify(token);
      if (expiresAt > now()) return caller;
      verified.delete(token);
      throw expired();
    },
    expiresAt: (token) => verified.get(token)?.expiresAt,
  };
};
