import { Counter, Gauge, type Registry } from "prom-client";
import {
  type Breaker,
  BreakerOpenError,
  type BreakerState,
  createBreaker,
} from "../../platform/breaker/breaker.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import type { Features } from "../domain/features.ts";
import { ModelRefusedError, type Prediction, type PredictionClient } from "./request-prediction.ts";

export type RiskModel = {
  /** @throws AppError model_unavailable, with when to come back; bad_gateway when the model refuses the features */
  predict: (features: Features, headers: Record<string, string>) => Promise<Prediction>;
  state: () => BreakerState;
};

export type RiskModelDeps = {
  client: PredictionClient;
  breaker: Breaker;
  logger: Logger;
  metrics: Registry;
};

const FAILURES_TO_OPEN = 5;
const states: BreakerState[] = ["closed", "half-open", "open"];

export const createModelBreaker = (resetMs: number, logger: Logger): Breaker =>
  createBreaker({
    name: "risk model",
    failuresToOpen: FAILURES_TO_OPEN,
    resetMs,
    isFailure: (error) => !(error instanceof ModelRefusedError),
    onChange: (state) => logger.warn({ state }, "the risk model's circuit breaker changed"),
  });

export const createRiskModel = ({ client, breaker, logger, metrics }: RiskModelDeps): RiskModel => {
  const calls = new Counter({
    name: "model_calls_total",
    help: "Calls to the risk model by outcome; refused by the breaker means that none was made",
    labelNames: ["outcome"] as const,
    registers: [metrics],
  });
  const breakerState = new Gauge({
    name: "model_breaker_state",
    help: "1 for the state that the risk model's circuit breaker is in",
    labelNames: ["state"] as const,
    registers: [],
    collect() {
      for (const state of states) this.set({ state }, Number(breaker.state() === state));
    },
  });
  metrics.registerMetric(breakerState);

  const toAppError = (error: unknown): AppError => {
    if (error instanceof BreakerOpenError) {
      calls.inc({ outcome: "refused_by_breaker" });
      return unavailable(error.remainingMs / 1_000, error);
    }
    if (error instanceof ModelRefusedError) {
      calls.inc({ outcome: "rejected" });
      logger.error({ err: error }, "the risk model does not take our features");
      return new AppError("bad_gateway", "The risk model does not take these features", { cause: error });
    }
    calls.inc({ outcome: "failed" });
    logger.warn({ err: error }, "the risk model failed");
    return unavailable(1, error);
  };

  return {
    predict: async (features, headers) => {
      try {
        const prediction = await breaker.run(() => client.request(features, headers));
        calls.inc({ outcome: "answered" });
        return prediction;
      } catch (error) {
        throw toAppError(error);
      }
    },
    state: breaker.state,
  };
};

const unavailable = (retryAfter: number, cause: unknown): AppError =>
  new AppError("model_unavailable", "The risk model cannot be asked just now: try again later", {
    retryAfter,
    cause,
  });
