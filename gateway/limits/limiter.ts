import { makeRoom } from "../../platform/cache/make-room.ts";
import type { RedisConnection } from "../../platform/cache/redis.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { leaseTokens } from "./lease-tokens.ts";
import { ALLOWED, fullBucket, takeToken } from "./token-bucket.ts";
import type { Bucket, Quota, Verdict } from "./token-bucket.ts";

/** One kind of quota for many callers; most answers come without a promise. */
export type Limiter = { readonly quota: Quota; take: (caller: string) => Verdict | Promise<Verdict> };

export type LimiterOptions = {
  name: string;
  quota: Quota;
  redis: RedisConnection;
  metrics: GatewayMetrics;
  /** Milliseconds that never go back. */
  now?: () => number;
};

type Account = {
  /** Taken out of the shared bucket already, for this process to spend; below zero what it owes. */
  leased: number;
  /** The shared bucket has nothing before then. */
  emptyUntil: number;
  /** The request for more that is under way; true when Redis answered it. */
  leasing: Promise<boolean> | undefined;
  /** Decides while Redis does not. */
  local: Bucket | undefined;
};

const CALLERS = 50_000;
// A tenth of the burst at a time: ten requests of a busy caller cost Redis one command, and what several gateways
// hold between them stays small beside the burst.
const CHUNKS_PER_BURST = 10;

/**
 * A token bucket a caller, shared by all gateways in Redis and spent from leased chunks. Over any time t, a caller
 * gets at most `burst + perSecond · t` requests through, plus a chunk a gateway at a peak. Without Redis each gateway
 * keeps buckets of its own with the same quota.
 *
 * The first request of a caller who is new here goes on at once, on credit, while the first chunk is asked for:
 * waiting for Redis was 0.3 ms of it. Whoever turns out to have nothing left got one request too many.
 */
export const createLimiter = (options: LimiterOptions): Limiter => {
  const { name, quota, redis, metrics, now = () => performance.now() } = options;
  const accounts = new Map<string, Account>();
  const chunk = Math.max(1, Math.floor(quota.burst / CHUNKS_PER_BURST));

  const lease = async (caller: string, account: Account): Promise<boolean> => {
    const answer = await leaseTokens(redis, `rate-limit:${name}:${caller}`, quota, chunk);
    account.leasing = undefined;
    const owed = Math.max(0, -account.leased);
    account.leased = Math.max(0, account.leased);
    if (answer === undefined) {
      for (let request = 0; request < owed; request++) takeLocally(account);
      return false;
    }
    account.local = undefined;
    account.leased += Math.max(0, answer.granted - owed);
    if (answer.granted === 0) account.emptyUntil = now() + answer.waitMs;
    return true;
  };

  const takeLater = async (caller: string, account: Account): Promise<Verdict> => {
    for (;;) {
      const answered = await (account.leasing ??= lease(caller, account));
      if (!answered) return takeLocally(account);
      const verdict = takeAtHand(account, now());
      if (verdict) return verdict;
    }
  };

  const takeLocally = (account: Account): Verdict => {
    metrics.limiterFallbacks.inc();
    account.local ??= fullBucket(quota, now());
    return takeToken(account.local, quota, now());
  };

  return {
    quota,
    take: (caller) => {
      let account = accounts.get(caller);
      if (!account) {
        makeRoom(accounts, CALLERS);
        account = { leased: -1, emptyUntil: 0, leasing: undefined, local: undefined };
        accounts.set(caller, account);
        account.leasing = lease(caller, account);
        return ALLOWED;
      }
      return takeAtHand(account, now()) ?? takeLater(caller, account);
    },
  };
};

const takeAtHand = (account: Account, now: number): Verdict | undefined => {
  if (account.leased > 0) {
    account.leased--;
    return ALLOWED;
  }
  return account.emptyUntil > now ? { allowed: false, retryAfterMs: account.emptyUntil - now } : undefined;
};
