import { createPool, runClosedLoop } from "./closed-loop.ts";
import type { Pool } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { FromGenerator, LoadResult, ToGenerator } from "./protocol.ts";

// A load generator is a process of its own, so that it shares no event loop with what it measures.
const pools = new Map<string, Pool>();

const handle = async (message: ToGenerator): Promise<LoadResult | null> => {
  if (message.kind === "pool") {
    pools.set(message.name, createPool(message.requests));
    return null;
  }
  const pool = pools.get(message.job.pool);
  if (!pool) throw new Error(`no pool is called ${message.job.pool}`);
  const { job } = message;
  return "rate" in job ? runOpenLoop(job, pool) : runClosedLoop(job, pool);
};

const answer = (message: FromGenerator): void => void process.send?.(message);

process.on("message", (message: ToGenerator) => {
  const { id } = message;
  handle(message).then(
    (result) => answer({ id, result }),
    (error: Error) => answer({ id, error: error.message }),
  );
});
process.once("disconnect", () => process.exit(0));
