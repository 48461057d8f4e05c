import type { TestProject } from "vitest/node";
import { startPrivateStack } from "./private-stack.ts";
import { sweepAbandoned } from "./temporary-folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the run's stack; `stack.json` and `secrets.json` are in it. */
    stackHome: string;
  }
}

// A run registers hundreds of people from one address, and does not wait half a minute for a breaker; long enough all
// the same to see each one open.
const TUNING = {
  AUTH_RATE_LIMIT_PER_SECOND: "1000",
  AUTH_RATE_LIMIT_BURST: "10000",
  BREAKER_RESET_MS: "9000",
  // Three times the usual: nobody measures here how patient credit-service is with a busy machine.
  MODEL_TIMEOUT_MS: "3000",
};

/** One whole stack for the run, as `npm start` makes it, on free ports and in a temporary folder. */
const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  sweepAbandoned();
  const stack = await startPrivateStack(TUNING);
  project.provide("stackHome", stack.home);
  return async () => {
    await stack[Symbol.asyncDispose]();
  };
};

export default setup;
