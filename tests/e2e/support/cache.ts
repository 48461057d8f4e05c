import { Redis } from "ioredis";
import { stack } from "./stack.ts";

/** Empties the cache, so that what a test changed in the database is seen at once. */
export const flushCache = async (): Promise<void> => {
  const redis = new Redis(stack().redisUrl, { maxRetriesPerRequest: 1 });
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
};
