import type { IncomingMessage } from "node:http";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { LimitName } from "../routing/gateway-route.ts";
import { clientAddress } from "./client-address.ts";
import type { Limiter } from "./limiter.ts";
import type { Quota, Verdict } from "./token-bucket.ts";

export type Quotas = { limiters: Record<LimitName, Limiter>; metrics: GatewayMetrics };

/**
 * Counts a request against its caller's quota: a person by id, a nameless client by address. Trusted backends have
 * none.
 * @throws AppError rate_limited
 */
export const checkQuota = (
  { limiters, metrics }: Quotas,
  limit: LimitName,
  caller: Caller,
  incoming: IncomingMessage,
): void | Promise<void> => {
  if (caller.kind === "internal") return undefined;
  const limiter = limiters[limit];
  const key = "id" in caller ? `user:${caller.id}` : `address:${clientAddress(incoming)}`;
  const judge = (verdict: Verdict): void => {
    if (verdict.allowed) return;
    metrics.rateLimited.inc({ limit, caller: caller.kind });
    throw tooMany(limit, limiter.quota, verdict.retryAfterMs);
  };
  const verdict = limiter.take(key);
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict);
};

// draft-ietf-httpapi-ratelimit-headers: the policy (q per w seconds), and what remains of it (r) until t seconds.
const tooMany = (limit: LimitName, { perSecond, burst }: Quota, retryAfterMs: number): AppError => {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new AppError("rate_limited", `At most ${perSecond} requests a second: slow down`, {
    retryAfter: seconds,
    headers: {
      "ratelimit-policy": `"${limit}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
      ratelimit: `"${limit}";r=0;t=${seconds}`,
    },
  });
};
