import type { Registry } from "prom-client";
import { Counter } from "prom-client";
import type { RedisConnection } from "./redis.ts";

/** What is under a key: a value, or nothing, be it that it is absent, unreadable or that Redis is away. */
export type Cached = Record<string, unknown> | undefined;

export type Cache = {
  /** Every key in one round trip, in the order of the keys. */
  getMany: (keys: string[]) => Promise<Cached[]>;
  /**
   * Keeps a value where there is none, after what is being answered just now. Never fails, and is not to be waited
   * for: what cannot be stored is computed again. `ttlMs` is spread by ±10 %, so that what was stored together does
   * not lapse together.
   */
  put: (key: string, value: Record<string, unknown>, ttlMs: number) => void;
  /** Drops a value that no longer holds, and for a while keeps out whoever had read the old state before. */
  forget: (key: string) => Promise<void>;
};

export type CacheDeps = { redis: RedisConnection; metrics: Registry; random?: () => number };

const NOTHING = "null";
// Longer than any request may take.
const FORGOTTEN_MS = 15_000;

/**
 * JSON values in Redis. A key must carry the versions of what its value was computed from, so that a new release
 * never reads an old one's values.
 */
export const createCache = ({ redis, metrics, random = Math.random }: CacheDeps): Cache => {
  const lookups = new Counter({
    name: "cache_lookups_total",
    help: "Keys asked of the cache, by what came back",
    labelNames: ["outcome"] as const,
    registers: [metrics],
  });

  return {
    getMany: async (keys) => {
      const texts = await redis.attempt((client) => client.mget(keys));
      if (texts === undefined) {
        lookups.inc({ outcome: "unavailable" }, keys.length);
        return keys.map(() => undefined);
      }
      return texts.map((text) => {
        const value = parse(text);
        lookups.inc({ outcome: value === undefined ? "miss" : "hit" });
        return value;
      });
    },
    put: (key, value, ttlMs) => {
      const spread = Math.max(1, Math.round(ttlMs * (0.9 + 0.2 * random())));
      setImmediate(
        () => void redis.attempt((client) => client.set(key, JSON.stringify(value), "PX", spread, "NX")),
      );
    },
    forget: async (key) => {
      await redis.attempt((client) => client.set(key, NOTHING, "PX", FORGOTTEN_MS));
    },
  };
};

const parse = (text: string | null): Cached => {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
