import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/harness/longest-first.ts";
import { TallyReporter } from "./tests/harness/tally-reporter.ts";

const IGNORED = ["**/node_modules/**", "**/.ecs/**"];
// Each starts a stack of its own, or several, and breaks it.
const OF_OWN_STACKS = [
  "tests/chaos/chaos.test.ts",
  "tests/faults/{authorizations,failover,faults}.test.ts",
  "tests/stack/{cluster,refusals}.test.ts",
];
const ON_SHARED_STACK = [
  "tests/e2e/**/*.test.ts",
  "tests/faults/event-account.test.ts",
  "tests/stack/lifecycle.test.ts",
];
// Vitest leaves one core free, which is half of a small machine: most files wait more than they compute.
const TWO_AT_ONCE = { maxWorkers: 2 };
const PATIENCE = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    reporters: ["default", new TallyReporter()],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: false,
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...IGNORED, ...OF_OWN_STACKS, ...ON_SHARED_STACK],
          globalSetup: ["tests/harness/unit-setup.ts"],
          ...TWO_AT_ONCE,
          ...PATIENCE,
          // Beside none of those below, which load the machine.
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: false,
        test: {
          name: "stacks",
          include: OF_OWN_STACKS,
          exclude: IGNORED,
          ...TWO_AT_ONCE,
          ...PATIENCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: false,
        test: {
          name: "e2e",
          include: ON_SHARED_STACK,
          exclude: IGNORED,
          globalSetup: ["tests/harness/e2e-setup.ts"],
          // They share one stack, and some of them break it for a while.
          fileParallelism: false,
          ...PATIENCE,
        },
      },
    ],
  },
});
