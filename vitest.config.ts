import { defineConfig } from "vitest/config";
import { TallyReporter } from "./tests/harness/tally-reporter.ts";

const IGNORED = ["**/node_modules/**", "**/.ecs/**"];

export default defineConfig({
  test: {
    reporters: ["default", new TallyReporter()],
    projects: [
      {
        extends: false,
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...IGNORED, "tests/**"],
          globalSetup: ["tests/harness/unit-setup.ts"],
          // Vitest leaves one core free, which is half of a small machine: most files wait more than they compute.
          maxWorkers: 2,
          // Beside none of those below, which need the machine for themselves.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: false,
        test: {
          name: "e2e",
          include: ["tests/**/*.test.ts"],
          exclude: IGNORED,
          globalSetup: ["tests/harness/e2e-setup.ts"],
          // They share one stack, and some of them break it for a while.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
