import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import type { Verdict } from "./judge-sql.ts";
import { type Mutation, mutate } from "./operators.ts";
import { testsOf } from "./sql-functions.ts";

/** The money's pure code: what has a test beside it. */
export const readDomain = (): Map<string, string> =>
  new Map(
    globSync("ledger-service/{domain,commit}/*.ts")
      .filter((file) => !file.endsWith(".test.ts") && existsSync(file.replace(/\.ts$/, ".test.ts")))
      .toSorted()
      .map((file) => [file, readFileSync(file, "utf8")]),
  );

const TIMEOUT_MS = 60_000;
const SQL_TESTS_TIMEOUT_MS = 300_000;

/** Whether the test beside the file notices the mutant. The file itself stays as it is. */
export const judgeTypescript = (file: string, source: string, mutation: Mutation): Promise<Verdict> =>
  runTests(
    ["--config", "tests/mutate/vitest.config.ts", file.replace(/\.ts$/, ".test.ts")],
    { MUTANT_FILE: file, MUTANT_SOURCE: mutate(source, mutation) },
    TIMEOUT_MS,
  );

/** Whether the tests of what calls a function notice its mutant. */
export const judgeSqlByTests = (name: string, definition: string): Promise<Verdict> =>
  runTests(["--project", "unit", ...testsOf(name)], { MUTANT_SQL: definition }, SQL_TESTS_TIMEOUT_MS);

const runTests = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeout: number,
): Promise<Verdict> => {
  const vitest = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--bail", "1", ...args], {
    stdio: "ignore",
    timeout,
    env: { ...process.env, ...env },
  });
  const code = await new Promise<number | null>((resolve) => vitest.on("exit", resolve));
  return code === 0 ? "survived" : "killed";
};
