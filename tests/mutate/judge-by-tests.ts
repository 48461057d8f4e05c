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

const besideOf = (file: string): string => file.replace(/\.ts$/, ".test.ts");
const PURE = ["--config", "tests/mutate/vitest.config.ts"];
const ON_DATABASES = ["--project", "unit"];

/** Whether the test beside the file notices the mutant. The file itself stays as it is. */
export const judgeTypescript = async (file: string, source: string, mutation: Mutation): Promise<Verdict> =>
  verdictOf(
    await pass(
      [...PURE, besideOf(file)],
      { MUTANT_FILE: file, MUTANT_SOURCE: mutate(source, mutation) },
      TIMEOUT_MS,
    ),
  );

/** Whether the tests beside files pass with these as they are. */
export const passTestsBeside = (files: readonly string[]): Promise<boolean> =>
  pass([...PURE, ...files.map(besideOf)], {}, TIMEOUT_MS);

/** Whether the tests of what calls a function notice its mutant. */
export const judgeSqlByTests = async (name: string, definition: string): Promise<Verdict> =>
  verdictOf(
    await pass([...ON_DATABASES, ...testsOf(name)], { MUTANT_SQL: definition }, SQL_TESTS_TIMEOUT_MS),
  );

/** Whether tests pass with every function as it is. */
export const passSqlTests = (tests: readonly string[]): Promise<boolean> =>
  pass([...ON_DATABASES, ...tests], {}, SQL_TESTS_TIMEOUT_MS);

const verdictOf = (passed: boolean): Verdict => (passed ? "survived" : "killed");

const pass = async (args: readonly string[], env: NodeJS.ProcessEnv, timeout: number): Promise<boolean> => {
  const vitest = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--bail", "1", ...args], {
    stdio: "ignore",
    timeout,
    env: { ...process.env, ...env },
  });
  return (await new Promise<number | null>((resolve) => vitest.on("exit", resolve))) === 0;
};
