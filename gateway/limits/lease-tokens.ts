import type { RedisConnection } from "../../platform/cache/redis.ts";
import type { Quota } from "./token-bucket.ts";

/** Tokens that the shared bucket gave; when none, the time until it has one. */
export type Lease = { granted: number; waitMs: number };

// One step for all gateways, by Redis's own clock. The key goes when the bucket would be full again anyway.
const LEASE = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local per_ms, burst, wanted = ARGV[1] / 1000, tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens = tonumber(state[1]) or burst
local elapsed = math.max(0, now - (tonumber(state[2]) or now))
tokens = math.min(burst, tokens + elapsed * per_ms)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('hset', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.17g', now))
redis.call('pexpire', KEYS[1], math.ceil(burst / per_ms) + 1000)
local wait = 0
if granted == 0 then wait = math.ceil((1 - tokens) / per_ms) end
return { granted, wait }
`;

/** Takes up to `wanted` tokens out of the bucket that all gateways share; undefined when Redis gives no answer. */
export const leaseTokens = async (
  redis: RedisConnection,
  key: string,
  { perSecond, burst }: Quota,
  wanted: number,
): Promise<Lease | undefined> => {
  const reply = await redis.attempt((client) => client.eval(LEASE, 1, key, perSecond, burst, wanted));
  if (!Array.isArray(reply)) return undefined;
  return { granted: Number(reply[0]), waitMs: Number(reply[1]) };
};
