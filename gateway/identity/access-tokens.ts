import type { webcrypto } from "node:crypto";
import { errors, jwtVerify } from "jose";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../contracts/access-token.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Caller } from "../../platform/identity/caller.ts";

export type AccessTokens = {
  /** Who a token belongs to; an answer at hand comes without a promise. @throws AppError invalid_token */
  callerOf: (token: string) => Caller | Promise<Caller>;
  /** When a token expires that was just found valid, in Unix milliseconds. */
  expiresAt: (token: string) => number | undefined;
};

type Verified = { caller: Caller; expiresAt: number };

// Verifying takes a trip to the crypto threads; a caller's token is the same for many requests.
const REMEMBERED = 10_000;
const MAX_TOKEN_LENGTH = 4_096;
// Of HS256, the only algorithm that is taken.
const TOKEN_HASH = "SHA-256";

/** @param now Unix milliseconds */
export const createAccessTokens = (jwtSecret: string, now: () => number = Date.now): AccessTokens => {
  // Imported once: from the bare secret it would be again for every token that is new here.
  const key = crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(jwtSecret),
    { name: "HMAC", hash: TOKEN_HASH },
    false,
    ["verify"],
  );
  const verified = new Map<string, Verified>();

  const verify = async (token: string): Promise<Caller> => {
    const result = await verifyToken(token, await key, now());
    // The oldest goes first: a Map keeps the order of insertion.
    if (verified.size >= REMEMBERED) verified.delete(verified.keys().next().value ?? "");
    verified.set(token, result);
    return result.caller;
  };

  return {
    callerOf: (token) => {
      const known = verified.get(token);
      if (!known) return verify(token);
      if (known.expiresAt > now()) return known.caller;
      verified.delete(token);
      throw expired();
    },
    expiresAt: (token) => verified.get(token)?.expiresAt,
  };
};

const verifyToken = async (token: string, key: webcrypto.CryptoKey, now: number): Promise<Verified> => {
  if (token.length > MAX_TOKEN_LENGTH) throw new AppError("invalid_token", "The token is too long");
  const payload = await jwtVerify(token, key, {
    algorithms: [TOKEN_ALGORITHM],
    issuer: TOKEN_ISSUER,
    audience: TOKEN_AUDIENCE,
    requiredClaims: ["sub", "exp", "role"],
    currentDate: new Date(now),
  }).then(
    (result) => result.payload,
    (error: unknown) => {
      throw error instanceof errors.JWTExpired ? expired() : invalid();
    },
  );
  const { sub, exp, role } = payload;
  if (!sub || !isHeaderSafe(sub) || !exp || (role !== "user" && role !== "operator")) throw invalid();
  return { caller: { kind: role, id: sub }, expiresAt: exp * 1_000 };
};

// The subject travels on in a header.
const isHeaderSafe = (subject: string): boolean => /^[\w-]{1,128}$/.test(subject);

const expired = (): AppError => new AppError("invalid_token", "The token has expired: log in again");
const invalid = (): AppError => new AppError("invalid_token", "The token is not one of ours");
