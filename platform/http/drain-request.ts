import type { Readable } from "node:stream";

export type DrainLimits = { totalMs: number; idleMs: number; bytes: number };

const LIMITS: DrainLimits = { totalMs: 2_000, idleMs: 500, bytes: 32 * 1_024 * 1_024 };

/**
 * Takes in and forgets what is left of a request's body, for a while. To be awaited before a request is answered that
 * was not read to its end: closing a connection with bytes unread resets it, and the answer may be lost with them.
 */
export const drainRequest = (source: Readable, limits: DrainLimits = LIMITS): Promise<void> => {
  if (source.readableEnded || source.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(idle);
      clearTimeout(total);
      source.off("data", onData).off("end", finish).off("close", finish);
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      idle.refresh();
      if (bytes > limits.bytes) finish();
    };
    const idle = setTimeout(finish, limits.idleMs);
    const total = setTimeout(finish, limits.totalMs);
    source.on("error", () => {});
    source.on("data", onData).on("end", finish).on("close", finish);
    source.resume();
  });
};
