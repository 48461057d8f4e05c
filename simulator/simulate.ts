import { Agent } from "undici";
import { connectDatabase } from "../platform/database/connect.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { findStack } from "./find-stack.ts";
import { listenForInterrupts } from "./interrupts.ts";
import type { Options } from "./options.ts";
import { reachStack } from "./reach-stack.ts";
import { run } from "./run.ts";

const CONNECTIONS = 128;

/** Connects to the stack, runs, and lets go of it. @returns the exit code @throws Error when there is no stack */
export const simulate = async (options: Options, home: string): Promise<number> => {
  const interrupts = listenForInterrupts(process, performance.now.bind(performance));
  const { baseUrl, databaseUrl } = findStack(home, options);
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const logger = createLogger({ PROCESS_NAME: "simulator", LOG_LEVEL: "silent" });
  const sql = connectDatabase({ url: databaseUrl, name: "simulator", max: 4 }, logger);
  try {
    await reachStack(baseUrl, dispatcher, sql);
    return await run(options, { baseUrl, dispatcher, sql, output: process.stdout, interrupts });
  } finally {
    await Promise.all([dispatcher.close(), sql.end({ timeout: 5 })]);
  }
};
