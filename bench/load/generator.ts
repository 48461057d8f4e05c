import { fileURLToPath } from "node:url";
import { converse } from "../system/conversation.ts";
import type { FromGenerator, LoadJob, LoadResult, OpenLoadJob, RequestText } from "./protocol.ts";

/** A process that makes load. */
export type Generator = {
  readonly pid: number;
  /** Hands over requests under a name; a pool of that name is replaced. */
  readonly setPool: (name: string, requests: RequestText[]) => Promise<void>;
  /** @throws Error when more than one answer in a hundred is not the expected one */
  readonly run: (job: LoadJob | OpenLoadJob) => Promise<LoadResult>;
  readonly stop: () => Promise<void>;
};

type Ask =
  | { kind: "pool"; name: string; requests: RequestText[] }
  | { kind: "run"; job: LoadJob | OpenLoadJob };
type Reply = FromGenerator & { error?: string; result?: LoadResult | null };

const ENTRY = fileURLToPath(new URL("generator-main.ts", import.meta.url));
const ANSWER_WITHIN_MS = 60_000;
const TOLERATED_SHARE = 0.01;

export const startGenerator = (): Generator => {
  const process = converse<Ask, Reply>(ENTRY, { withinMs: ANSWER_WITHIN_MS });
  return {
    pid: process.pid,
    setPool: async (name, requests) => void (await process.ask({ kind: "pool", name, requests })),
    run: async (job) => {
      const { result } = await process.ask({ kind: "run", job });
      if (!result) throw new Error("the load generator sent no result");
      return trustworthy(job, result);
    },
    stop: process.close,
  };
};

const trustworthy = (job: LoadJob | OpenLoadJob, result: LoadResult): LoadResult => {
  const failed = Object.values(result.unexpected).reduce((sum, count) => sum + count, 0);
  if (failed <= result.count * TOLERATED_SHARE) return result;
  const seen = Object.entries(result.unexpected).map(([outcome, count]) => `${count} × ${outcome}`);
  throw new Error(
    `${job.target} answered ${result.count} requests of pool ${job.pool} with ${job.expectedStatus}, and ` +
      `${seen.join(", ")} otherwise: the measurement would mean nothing`,
  );
};
