import { setTimeout as sleep } from "node:timers/promises";
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import { TOKEN_REVOCATIONS_PATH, tokenRevocations } from "../../contracts/token-revocations.ts";
import type { TokenRevocations } from "../../contracts/token-revocations.ts";
import type { AppDeps } from "../../platform/http/create-app.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { GATEWAY_KEY_HEADER } from "../../platform/identity/caller.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import type { Config } from "../config.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { forward } from "../upstreams/forward.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import type { Revocations } from "./revocations.ts";

export type FollowDeps = Pick<AppDeps, "logger" | "metrics" | "health"> & {
  config: Pick<Config, "GATEWAY_KEY">;
  revocations: Revocations;
  upstreams: { "credit-service": Upstream };
};

export type Follower = {
  /** Resolves with the first answer, or when it has been waited for long enough. */
  begun: Promise<void>;
  stop: () => Promise<void>;
};

// Until the first answer no token passes, so it is asked for more often.
const FIRST_EVERY_MS = 100;
const FIRST_WITHIN_MS = 2_000;

const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
// Some 100 bytes each, where an answer may have 8 MiB.
const PAGE = 10_000;

/**
 * Asks credit-service every second what was revoked since the last answer: of the database itself, so that it does not
 * matter what Redis holds, or whether there is one. The first answer is everything that is in force.
 */
export const followRevocations = (
  { config, revocations, upstreams, logger, metrics, health }: FollowDeps,
  gatewayMetrics: GatewayMetrics,
  everyMs: number = EVERY_MS,
): Follower => {
  const upstream = upstreams["credit-service"];
  let position = "0";
  let answeredAt = -Infinity;
  const hasAnswered = (): boolean => answeredAt !== -Infinity;
  const first = Promise.withResolvers<void>();
  setTimeout(first.resolve, FIRST_WITHIN_MS).unref();

  const askPage = async (after?: string): Promise<TokenRevocations> => {
    const { status, body } = await forward(
      upstream,
      {
        method: "GET",
        path: `${TOKEN_REVOCATIONS_PATH}?since=${position}&most=${PAGE}${after === undefined ? "" : `&after=${after}`}`,
        headers: [GATEWAY_KEY_HEADER, config.GATEWAY_KEY],
        body: undefined,
        repeatable: true,
      },
      { timeoutMs: TIMEOUT_MS, metrics: gatewayMetrics },
    );
    if (status !== 200) throw new AppError("bad_gateway", `${upstream.name} answered ${status}`);
    return tokenRevocations.parse(JSON.parse(body.toString()));
  };

  // Noted when all of it is there: until then a token of the last page would pass.
  const ask = async (): Promise<void> => {
    const page = await askPage();
    const { revocations: all, next } = page;
    for (let { after } = page; after !== undefined;) {
      const more = await askPage(after);
      for (const revocation of more.revocations) all.push(revocation);
      ({ after } = more);
    }
    revocations.note({ revocations: all, next });
    first.resolve();
    position = next;
    answeredAt = performance.now();
  };

  const askAgain = async (): Promise<boolean> => {
    try {
      await ask();
      return false;
    } catch (error) {
      if (hasAnswered()) throw error;
      await sleep(FIRST_EVERY_MS);
      return true;
    }
  };

  const behindSeconds = (): number => (performance.now() - answeredAt) / 1_000;
  health.require("token revocations", () => {
    if (!hasAnswered()) throw new Error("no answer yet");
    return { known: revocations.count(), behindSeconds: Math.round(behindSeconds()) };
  });
  showBehind(metrics, behindSeconds);
  const { stop } = repeat(logger, "asking which tokens were revoked", everyMs, askAgain);
  return { begun: first.promise, stop };
};

const showBehind = (metrics: Registry, behindSeconds: () => number): void => {
  const gauge = new Gauge({
    name: "gateway_revocations_behind_seconds",
    help: "Since credit-service last said which tokens were revoked",
    registers: [],
    collect() {
      this.set(behindSeconds());
    },
  });
  metrics.registerMetric(gauge);
};
