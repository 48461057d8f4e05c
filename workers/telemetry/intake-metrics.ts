import { Counter } from "prom-client";
import type { Registry } from "prom-client";

export type CountIntake = (counts: { inserted: number; received: number }) => void;

/** Counts events persisted, and those that were there before. */
export const createIntakeCounter = (metrics: Registry): CountIntake => {
  const counter = new Counter({
    name: "telemetry_events_total",
    help: "Events by whether they were new or had been persisted before",
    labelNames: ["result"] as const,
    registers: [metrics],
  });
  return ({ inserted, received }) => {
    counter.inc({ result: "inserted" }, inserted);
    counter.inc({ result: "duplicate" }, received - inserted);
  };
};
