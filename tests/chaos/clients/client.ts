import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { type AppRequest, type Attempt, attemptRequest } from "../../../simulator/http/attempt.ts";
import { waitBeforeRetry } from "../../../simulator/http/retry.ts";
import type { Call, Observer } from "./observer.ts";

export type ClientDeps = {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly observer: Observer;
  /** Unix milliseconds after which nothing is tried again. */
  readonly giveUpAt: () => number;
  /** Told of each answer that is neither a success nor one to try again after. */
  readonly refused: (call: Call, request: AppRequest, answer: string) => void;
};

export type Client = (call: Call, request: AppRequest) => Promise<Record<string, unknown> | undefined>;

/**
 * Sends a request, the very same again and again while what failed may pass, as the app does.
 * Resolves with the body of the 2xx; undefined when it was refused for good, or the time was over: then it may
 * have had its effect.
 */
export const createClient = (deps: ClientDeps): Client => {
  const { observer, giveUpAt, refused } = deps;
  return async (call, request) => {
    for (let attempts = 1; ; attempts++) {
      const began = Date.now();
      const attempt = await attemptRequest(deps, request);
      const succeeded = isSuccess(attempt);
      observer.record(call, began, nameOf(attempt), succeeded);
      if (attempt.kind === "answered" && succeeded) return attempt.body;
      const wait = waitBeforeRetry(attempt, attempts, Date.now(), Math.random);
      if (wait === undefined) {
        refused(call, request, `${nameOf(attempt)} ${JSON.stringify(bodyOf(attempt))}`);
        return undefined;
      }
      if (Date.now() + wait > giveUpAt()) return undefined;
      await sleep(wait);
    }
  };
};

const isSuccess = (attempt: Attempt): boolean =>
  attempt.kind === "answered" && attempt.status >= 200 && attempt.status < 300;

const nameOf = (attempt: Attempt): string =>
  attempt.kind === "answered" ? String(attempt.status) : attempt.failure;

const bodyOf = (attempt: Attempt): unknown => (attempt.kind === "answered" ? attempt.body : undefined);
