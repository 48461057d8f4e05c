import type { Logger } from "../observability/logger.ts";
import type { OnStop } from "./run-process.ts";

/** Runs something that ends by itself: undoes in reverse what it registered, and exits with 0, or 1 if it failed. */
export const runJob = async (logger: Logger, work: (onStop: OnStop) => Promise<void>): Promise<void> => {
  const stops: { name: string; stop: () => unknown }[] = [];
  let code = 0;
  try {
    await work((name, stop) => void stops.push({ name, stop }));
  } catch (error) {
    logger.fatal({ err: error }, "failed");
    code = 1;
  }
  for (const { name, stop } of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      logger.error({ err: error, step: name }, "a step of the clean-up failed");
      code = 1;
    }
  }
  logger.flush();
  // The log destination writes asynchronously: leave it a moment.
  setTimeout(() => process.exit(code), 50);
};
