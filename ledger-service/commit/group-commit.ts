import { isDatabaseUnavailable } from "../../platform/database/unavailable.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Answer } from "../sql/answer.ts";

export type GroupCommitOptions<Operation> = {
  /** One call of the database for all of them; answers in the same order. */
  run: (operations: readonly Operation[]) => Promise<Answer[]>;
  /**
   * Keys and references that the operation claims. One that this process has in hand already is refused at once, so
   * that no two of a batch meet.
   */
  claims: (operation: Operation) => readonly string[];
  /** Most operations a batch. */
  maxBatch?: number;
  /** Most batches under way. Operations stay in the order in which they came as long as `run` takes one after the other. */
  batches?: number;
  onBatch?: (size: number) => void;
};

export type GroupCommit<Operation> = {
  /** @throws AppError request_in_progress, or what the database call failed with */
  submit: (operation: Operation) => Promise<Answer>;
  /** Takes nothing new; resolves when everything in hand is answered. */
  stop: () => Promise<void>;
};

type Waiting<Operation> = PromiseWithResolvers<Answer> & { operation: Operation };

const MAX_BATCH = 256;

/**
 * Gathers operations that come at about the same time and commits them together: one round trip and one flush of the
 * log for all, an outcome for each. What comes while batches are under way makes the next one, so that nobody waits for
 * a timer; the first one waits for those that the same turn of the event loop brings.
 */
export const createGroupCommit = <Operation>(
  options: GroupCommitOptions<Operation>,
): GroupCommit<Operation> => {
  const { run, claims, maxBatch = MAX_BATCH, batches = 1, onBatch } = options;
  const claimed = new Set<string>();
  let waiting: Waiting<Operation>[] = [];
  let running = 0;
  let scheduled = false;
  let stopped: PromiseWithResolvers<void> | undefined;

  const schedule = (): void => {
    if (scheduled || running >= batches || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (let free = batches - running; free > 0 && waiting.length > 0; free--)
        void take(waiting.slice(0, maxBatch));
    });
  };

  const take = async (batch: Waiting<Operation>[]): Promise<void> => {
    waiting = waiting.slice(batch.length);
    running++;
    onBatch?.(batch.length);
    await settle(batch, run);
    running--;
    schedule();
    if (running === 0 && waiting.length === 0) stopped?.resolve();
  };

  const submit = (operation: Operation): Promise<Answer> => {
    if (stopped) throw new AppError("service_unavailable", "The service is about to stop", { retryAfter: 1 });
    const names = claims(operation);
    if (names.some((name) => claimed.has(name))) throw inProgress();
    for (const name of names) claimed.add(name);
    const entry = { ...Promise.withResolvers<Answer>(), operation };
    waiting.push(entry);
    schedule();
    return entry.promise.finally(() => {
      for (const name of names) claimed.delete(name);
    });
  };

  return {
    submit: async (operation) => submit(operation),
    stop: async () => {
      stopped ??= Promise.withResolvers<void>();
      if (running === 0 && waiting.length === 0) stopped.resolve();
      await stopped.promise;
    },
  };
};

const inProgress = (): AppError =>
  new AppError("request_in_progress", "A request with this Idempotency-Key or reference is still running", {
    headers: { "retry-after": "1" },
  });

// A batch that fails as a whole was rolled back as a whole. Where the database is away, nobody can tell what became of
// it: each caller hears so, and asks again with the same key. Otherwise one of them is to blame: each goes alone.
const settle = async <Operation>(
  batch: readonly Waiting<Operation>[],
  run: GroupCommitOptions<Operation>["run"],
): Promise<void> => {
  try {
    const answers = await run(batch.map(({ operation }) => operation));
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer) resolve(answer);
      else reject(new Error("an operation was left without an answer"));
    }
  } catch (error) {
    if (batch.length > 1 && !isDatabaseUnavailable(error)) {
      for (const entry of batch) await settle([entry], run);
      return;
    }
    for (const { reject } of batch) reject(error as Error);
  }
};
