import type { Plan } from "./bench.ts";

/** For numbers to publish: about half an hour for all benches. */
export const fullPlan: Plan = {
  rounds: 5,
  seconds: 2.5,
  warmUpSeconds: 4,
  pathWarmUp: 24_000,
  connections: 64,
  requests: 20_000,
  persistRounds: 5,
  persisted: 120_000,
  persistedWarmUp: 20_000,
  bulkCommitted: 800,
  bulkConnections: 16,
  analyses: 1_000,
  singleAnalyses: 200,
  warmUpAnalyses: 10_000,
  storedEvents: [10_000, 100_000, 1_000_000, 10_000_000],
  storedWarmUp: 1_000,
  pgbenchSeconds: 8,
  growthRounds: 3,
  growthEvents: 80_000,
  growthPeople: [100, 1_000, 10_000, 100_000, 1_000_000],
};

/** To see whether a change helps: a minute or less for each bench; too short to publish. */
export const quickPlan: Plan = {
  rounds: 5,
  seconds: 0.6,
  warmUpSeconds: 1.5,
  pathWarmUp: 8_000,
  connections: 64,
  requests: 5_000,
  persistRounds: 2,
  persisted: 30_000,
  persistedWarmUp: 10_000,
  bulkCommitted: 300,
  bulkConnections: 16,
  analyses: 200,
  singleAnalyses: 100,
  warmUpAnalyses: 2_000,
  storedEvents: [10_000, 100_000],
  storedWarmUp: 400,
  pgbenchSeconds: 3,
  growthRounds: 1,
  growthEvents: 20_000,
  growthPeople: [100, 10_000, 1_000_000],
};
