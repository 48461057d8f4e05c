import type { Logger } from "../observability/logger.ts";

/** Registers something to be undone at shutdown; the last registered is undone first. */
export type OnStop = (name: string, stop: () => unknown) => void;

// Below what supervisors and orchestrators wait before they kill.
const STOP_DEADLINE_MS = 20_000;

/**
 * Runs a process from start to clean stop. SIGTERM and SIGINT undo what `start` registered, in reverse, and exit
 * with 0; a failed start, a failed stop, or a stop that takes too long exits with 1. An error that nobody caught
 * ends the process too: its state can no longer be trusted, and whoever supervises it starts a new one.
 */
export const runProcess = async (logger: Logger, start: (onStop: OnStop) => Promise<void>): Promise<void> => {
  const stops: { name: string; stop: () => unknown }[] = [];
  let stopping = false;

  const exit = (code: number): void => {
    logger.flush();
    // The log destination writes asynchronously: leave it a moment.
    setTimeout(() => process.exit(code), 50);
  };
  const shutDown = async (reason: string, code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "stopping");
    setTimeout(() => {
      logger.fatal("stopping took too long");
      exit(1);
    }, STOP_DEADLINE_MS).unref();
    let failed = false;
    for (const { name, stop } of stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        failed = true;
        logger.error({ err: error, step: name }, "a step of the shutdown failed");
      }
    }
    logger.info("stopped");
    exit(failed ? 1 : code);
  };

  process.on("SIGTERM", () => void shutDown("SIGTERM", 0));
  process.on("SIGINT", () => void shutDown("SIGINT", 0));
  process.on("uncaughtException", (error) => {
    logger.fatal({ err: error }, "uncaught error");
    void shutDown("uncaught error", 1);
  });

  try {
    await start((name, stop) => void stops.push({ name, stop }));
    logger.info("started");
  } catch (error) {
    logger.fatal({ err: error }, "could not start");
    await shutDown("failed start", 1);
  }
};
