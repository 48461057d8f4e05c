import { defineConfig } from "vitest/config";

const IGNORED = ["**/node_modules/**", "**/.ecs/**"];

export default defineConfig({
  test: {
    projects: [
      {
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
