import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROOT } from "./root.js";

/** The addresses of the stack that `npm start` runs, for the variables that nobody has set. */
export const stackEnvironment = () => {
  const stack = readStack();
  if (!stack) return {};
  const known = {
    DATABASE_URL: stack.databaseUrl,
    NATS_URL: stack.natsUrl,
    REDIS_URL: stack.redisUrl,
    LEDGER_CHAIN_KEY: stack.ledgerChainKey,
  };
  return Object.fromEntries(Object.entries(known).filter(([name, value]) => value && !process.env[name]));
};

const readStack = () => {
  const home = resolve(ROOT, process.env.ECS_HOME || ".ecs");
  try {
    return JSON.parse(readFileSync(join(home, "stack.json"), "utf8"));
  } catch {
    // No stack runs; the task says itself which variable it misses.
    return undefined;
  }
};
