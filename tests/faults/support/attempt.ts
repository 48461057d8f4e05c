import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type RequestOptions, sendTo } from "../../e2e/support/client.ts";

/** An attempt that did not bring what was asked for: the status, or that nobody answered. */
export type Failure = { readonly request: string; readonly outcome: string };

export type Persistence = {
  readonly baseUrl: string;
  /** Every attempt that failed is added here. */
  readonly failures: Failure[];
  /** Unix milliseconds after which nothing is tried again. */
  readonly giveUpAt: () => number;
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1_500;

/**
 * Sends a request again and again, as a client would whose request failed, until its answer satisfies.
 * Undefined when the time was over first: it may or may not have had its effect.
 */
export const insist = async <Body>(
  { baseUrl, failures, giveUpAt }: Persistence,
  request: { method: string; path: string } & RequestOptions,
  satisfies: (answer: Answer<Body>) => boolean,
): Promise<Answer<Body> | undefined> => {
  const { method, path, ...options } = request;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const answer = await sendTo<Body>(baseUrl, method, path, options).catch((error: Error) => error);
    if (!(answer instanceof Error) && satisfies(answer)) return answer;
    failures.push({ request: `${method} ${path}`, outcome: describe(answer) });
    if (Date.now() > giveUpAt()) return undefined;
    await sleep(pause * (0.5 + Math.random()));
  }
};

const describe = (answer: Answer<unknown> | Error): string => {
  if (!(answer instanceof Error)) return `${answer.status} ${JSON.stringify(answer.body)}`;
  const { cause } = answer;
  return cause instanceof Error ? `${answer.message}: ${cause.message}` : answer.message;
};
