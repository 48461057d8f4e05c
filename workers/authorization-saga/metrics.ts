import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { Sql } from "../../platform/database/connect.ts";
import { countSagas, secondsOverdue } from "./sql/sagas.ts";

export const createSagaMetrics = (metrics: Registry) => ({
  steps: new Counter({
    name: "ledger_saga_steps_total",
    help: "Steps of authorization sagas tried, by what came of them",
    labelNames: ["step", "result"] as const,
    registers: [metrics],
  }),
  expired: new Counter({
    name: "ledger_holds_expired_total",
    help: "Holds that expired with something open",
    registers: [metrics],
  }),
  overdue: new Gauge({
    name: "ledger_holds_overdue_seconds",
    help: "For how long the oldest hold that should have expired still reserves something",
    registers: [metrics],
  }),
  sagas: new Gauge({
    name: "ledger_sagas",
    help: "Authorization sagas that are not at an end; an alarm stands on stuck",
    labelNames: ["state"] as const,
    registers: [metrics],
  }),
  oldest: new Gauge({
    name: "ledger_sagas_oldest_seconds",
    help: "Age of the oldest authorization saga that is not at an end",
    labelNames: ["state"] as const,
    registers: [metrics],
  }),
});

export type SagaMetrics = ReturnType<typeof createSagaMetrics>;

/** Measures what is under way, what is stuck and what should have expired. */
export const measureSagas = async (
  sql: Sql,
  { sagas, oldest, overdue }: Pick<SagaMetrics, "sagas" | "oldest" | "overdue">,
): Promise<void> => {
  const [counts, seconds] = await Promise.all([countSagas(sql), secondsOverdue(sql)]);
  overdue.set(seconds);
  sagas.reset();
  oldest.reset();
  for (const { state, sagas: count, oldest_seconds: seconds } of counts) {
    sagas.set({ state }, count);
    oldest.set({ state }, seconds);
  }
};
