import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { Random } from "../domain/random.ts";
import { type AppRequest, type Attempt, attemptRequest, endingOf } from "./attempt.ts";
import type { Call, Meter } from "./meter.ts";
import { waitBeforeRetry } from "./retry.ts";

export type Result =
  | { readonly kind: "answered"; readonly status: number; readonly body: Record<string, unknown> }
  /** No final answer came; `reached` tells whether an attempt may have been taken all the same. */
  | { readonly kind: "gave up"; readonly reached: boolean; readonly last: string };

export type AppClient = (call: Call, request: AppRequest) => Promise<Result>;

export type AppClientDeps = {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly meter: Meter;
  /** Jitter only: it decides about nothing that is sent. */
  readonly random: Random;
  /** Once aborted, nothing is tried again. */
  readonly stopping: AbortSignal;
  /** How long one request is tried. */
  readonly patienceMs?: number;
};

const PATIENCE_MS = 90_000;
// These leave no doubt: the connection was never made, so nothing was sent.
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * The app's HTTP client: measures every attempt, and tries again, with the very same content, what a retry can
 * mend, until it is answered for good, its patience is over or the run is stopping.
 */
export const createAppClient = (deps: AppClientDeps): AppClient => {
  const { meter, stopping, random, patienceMs = PATIENCE_MS } = deps;

  const measured = async (call: Call, request: AppRequest): Promise<Attempt> => {
    const started = performance.now();
    const attempt = await attemptRequest(deps, request);
    meter.record(call, performance.now() - started, endingOf(attempt));
    return attempt;
  };

  return async (call, request) => {
    const givesUpAt = Date.now() + patienceMs;
    let reached = false;
    for (let attempts = 1; ; attempts++) {
      const attempt = await measured(call, request);
      reached ||= mayBeTaken(attempt);
      const wait = waitBeforeRetry(attempt, attempts, Date.now(), random);
      if (attempt.kind === "answered" && wait === undefined) return attempt;
      if (stopping.aborted || Date.now() + (wait ?? 0) > givesUpAt) {
        return { kind: "gave up", reached, last: nameOf(attempt) };
      }
      await sleep(wait, undefined, { signal: stopping }).catch(() => {});
    }
  };
};

const mayBeTaken = (attempt: Attempt): boolean =>
  attempt.kind === "answered" ? attempt.status !== 429 : !NEVER_SENT.has(attempt.failure);

const nameOf = (attempt: Attempt): string =>
  attempt.kind === "answered" ? String(attempt.status) : attempt.failure;
