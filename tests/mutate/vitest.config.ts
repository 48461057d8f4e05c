import { defineConfig } from "vitest/config";

const { MUTANT_FILE: file = "", MUTANT_SOURCE: source = "" } = process.env;

/** Runs unit tests with one file's source replaced. */
export default defineConfig({
  plugins: [
    {
      name: "mutant",
      enforce: "pre",
      load: (id: string) => (file !== "" && id.endsWith(`/${file}`) ? source : undefined),
    },
  ],
  test: {
    include: ["ledger-service/**/*.test.ts"],
    testTimeout: 5_000,
    // It knows a file by what stands on disk, and would run what it has seen there instead of the mutant.
    fsModuleCache: false,
  },
});
