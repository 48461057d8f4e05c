import { setTimeout as sleep } from "node:timers/promises";
import { z } from "@hono/zod-openapi";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { readJson } from "../../platform/http/read-json.ts";
import type { FaultInjection } from "../domain/faults.ts";
import { predict } from "../domain/scorecard.ts";

const MAX_BODY_BYTES = 4_096;

const count = z.int("must be a whole number or null").min(0, "must be at least 0").nullable();
const features = z.object({
  transaction_count_30d: count,
  avg_transaction_value_30d: z.number("must be a number or null").min(0, "must be at least 0").nullable(),
  avg_positivity_7d: z
    .number("must be a number or null")
    .min(0, "must be at least 0")
    .max(1, "must be at most 1")
    .nullable(),
  stress_events_30d: count,
});

export type PredictDeps = { faults: FaultInjection; random: () => number };

export const registerPredict = (app: App, { faults, random }: PredictDeps): void => {
  app.post("/v1/predict", async (c) => {
    const asked = await readJson(c, features, MAX_BODY_BYTES);
    const { latencyMs, errorRate, hang, malformed } = faults.current();
    if (latencyMs > 0) await sleep(latencyMs);
    if (hang) await Promise.race([faults.changed(), gone(c.req.raw.signal)]);
    if (random() < errorRate) throw new AppError("internal_error", "Failed on request: a fault is injected");
    if (malformed) return c.body('{"risk_score": "unsure', 200, { "content-type": "application/json" });
    return c.json(predict(asked));
  });
};

const gone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
