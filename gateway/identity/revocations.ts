import type { TokenRevocations } from "../../contracts/token-revocations.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { VerifiedToken } from "./verify-token.ts";

/** Which tokens are worth nothing any more though they have not expired. */
export type Revocations = {
  /** @throws AppError invalid_token for one that was revoked; service_unavailable before the first answer */
  check: (token: VerifiedToken) => void;
  /** Takes note of what credit-service answered. */
  note: (answer: TokenRevocations) => void;
  /** Calls back whenever something was revoked. */
  onRevoked: (listener: () => void) => void;
  count: () => number;
};

/**
 * What is known of revoked tokens in this gateway: two look-ups a request, 0.1 µs. Before it has heard what was revoked
 * it lets no token pass. Afterwards it goes on with what it knows however long nobody answers, for while the database
 * is away nothing can be revoked either.
 * @param now Unix milliseconds
 */
export const createRevocations = (now: () => number = Date.now): Revocations => {
  const tokens = new Map<string, number>();
  const users = new Map<string, { generation: number; expiresAt: number }>();
  const listeners: (() => void)[] = [];
  let known = false;
  let forgetAt = 0;

  const forgetExpired = (): void => {
    if (now() < forgetAt) return;
    forgetAt = now() + FORGET_EVERY_MS;
    for (const [id, expiresAt] of tokens) if (expiresAt <= now()) tokens.delete(id);
    for (const [id, { expiresAt }] of users) if (expiresAt <= now()) users.delete(id);
  };

  return {
    check: ({ tokenId, caller, generation }) => {
      if (!known) throw unknown();
      if (tokens.has(tokenId) || (users.get(caller.id)?.generation ?? 0) > generation) throw revoked();
    },
    note: ({ revocations }) => {
      known = true;
      forgetExpired();
      for (const revocation of revocations) {
        if ("tokenId" in revocation) tokens.set(revocation.tokenId, revocation.expiresAt);
        else if ((users.get(revocation.userId)?.generation ?? 0) < revocation.generation)
          users.set(revocation.userId, revocation);
      }
      if (revocations.length > 0) for (const listener of listeners) listener();
    },
    onRevoked: (listener) => void listeners.push(listener),
    count: () => tokens.size + users.size,
  };
};

const FORGET_EVERY_MS = 60_000;

const unknown = (): AppError =>
  new AppError("service_unavailable", "This instance does not know yet which tokens were revoked", {
    retryAfter: 1,
  });

const revoked = (): AppError => new AppError("invalid_token", "The token was revoked: log in again");
