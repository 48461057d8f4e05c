import { Redis } from "ioredis";
import type { Logger } from "../observability/logger.ts";
import { createSilenceGuard } from "./silence-guard.ts";

export type RedisConnection = {
  /**
   * Runs a command where Redis can be expected to answer. Resolves with its reply, or with undefined when Redis
   * is away, silent or refuses: whoever asks must have a way without. A reply of "nothing there" is null.
   */
  attempt: <Reply>(command: (redis: Redis) => Promise<Reply>) => Promise<Reply | undefined>;
  /** Asks Redis itself, for readiness. @throws Error when it does not answer */
  ping: () => Promise<void>;
  stop: () => void;
};

const COMMAND_TIMEOUT_MS = 40;
const LOG_EVERY_MS = 10_000;

/**
 * Connects in the background, and again without end. Never waits for Redis longer than a command's timeout: a
 * Redis that is down costs nothing, one that has gone silent costs one timeout a second in the whole process.
 * @param commandTimeoutMs tests of what Redis answers give it longer than a busy machine may take
 */
export const connectRedis = (
  url: string,
  logger: Logger,
  commandTimeoutMs: number = COMMAND_TIMEOUT_MS,
): RedisConnection => {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 500,
    // Without it a connection that has gone silent would never be replaced.
    socketTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), 1_000),
  });
  const complain = rateLimited(LOG_EVERY_MS, (error: unknown) =>
    logger.warn({ err: error }, "redis is unavailable"),
  );
  redis.on("error", complain);
  const guard = createSilenceGuard({ timeoutMs: commandTimeoutMs });

  return {
    attempt: async (command) => {
      const started = performance.now();
      if (redis.status !== "ready" || !guard.admits(started)) return undefined;
      try {
        const reply = await command(redis);
        guard.answered(started, performance.now());
        return reply;
      } catch (error) {
        if (isTimeout(error)) guard.timedOut(started, performance.now());
        else guard.answered(started, performance.now());
        complain(error);
        return undefined;
      }
    },
    ping: async () => {
      await redis.ping();
    },
    stop: () => redis.disconnect(),
  };
};

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === "Command timed out";

const rateLimited = (everyMs: number, log: (error: unknown) => void) => {
  let last = -Infinity;
  return (error: unknown): void => {
    const now = performance.now();
    if (now - last < everyMs) return;
    last = now;
    log(error);
  };
};
