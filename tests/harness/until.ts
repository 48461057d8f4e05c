import { setTimeout as sleep } from "node:timers/promises";

export type UntilOptions = {
  /** Time it has, in ms. What comes true takes a moment; a busy machine may take a hundred times as long. */
  readonly within?: number;
  readonly every?: number;
  /** What was waited for, for the message. */
  readonly what?: string;
};

/**
 * Asks again and again until the answer is neither false, null nor undefined, and returns it.
 * A question that throws is asked again too. @throws Error when the time is over, with the last failure
 */
export const until = async <T>(
  question: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  { within = 30_000, every = 20, what = "the condition" }: UntilOptions = {},
): Promise<T> => {
  // Not by the clock on the wall, which a fresh machine may still put right.
  const deadline = performance.now() + within;
  let problem: unknown;
  for (;;) {
    try {
      const answer = await question();
      if (answer !== false && answer !== null && answer !== undefined) return answer;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) break;
    await sleep(every);
  }
  throw new Error(`${what} did not come true within ${within} ms`, { cause: problem });
};
