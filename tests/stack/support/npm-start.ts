import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { processesMentioning } from "../../../stack/process/identity.ts";
import { inRoot, ROOT } from "../../../stack/root.ts";
import type { StackFile } from "../../../stack/stack-file.ts";
import { removeTemporaryFolder, temporaryFolder } from "../../harness/temporary-folder.ts";
import { until } from "../../harness/until.ts";

export type NpmStart = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exitCode: () => number | null;
  /** Resolves with `stack.json` once everything answers. */
  readonly ready: () => Promise<StackFile>;
  /** Sends a signal as a terminal or a process manager would, and resolves with the exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number>;
};

const READY_WITHIN_MS = 90_000;
const END_WITHIN_MS = 60_000;

/** What the script `start` of package.json runs, on this folder; any free port unless one is given. */
export const npmStart = (
  home: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): NpmStart => {
  const folder = temporaryFolder("npm-start");
  const logFile = join(folder, "output.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [inRoot("stack/boot.js"), "start", ...args], {
    cwd: ROOT,
    env: { ...process.env, ECS_PORT: "0", ...env, ECS_HOME: home },
    // Into a file: what a pipe still holds when its process ends would be heard some time later.
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const output = (): string => readFileSync(logFile, "utf8");
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    child.kill(signal);
    await until(() => child.exitCode !== null || child.signalCode !== null, {
      within: END_WITHIN_MS,
      what: `the end after ${signal}; it said: ${output()}`,
    });
    return exited;
  };
  return {
    process: child,
    output,
    exitCode: () => child.exitCode,
    ready: async () => {
      await until(() => output().includes("is ready") || child.exitCode !== null, {
        within: READY_WITHIN_MS,
        what: `the start; it said: ${output()}`,
      });
      if (child.exitCode !== null) throw new Error(`the start ended with ${child.exitCode}: ${output()}`);
      return readStackFile(home);
    },
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end("SIGTERM");
      removeTemporaryFolder(folder);
    },
  };
};

export const readStackFile = (home: string): StackFile =>
  JSON.parse(readFileSync(join(home, "stack.json"), "utf8")) as StackFile;

/** The processes that belong to a stack's folder, by their command line or environment. */
export const processesOf = (home: string): number[] => processesMentioning(home);

/** True when this process is alive. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
