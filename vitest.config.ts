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
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
