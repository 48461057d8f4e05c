import { spawn } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openSecrets, type Secrets } from "../../stack/home/secrets.ts";
import { inRoot, ROOT } from "../../stack/root.ts";
import type { StackFile } from "../../stack/stack-file.ts";
import { removeTemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export type PrivateStack = AsyncDisposable & {
  readonly home: string;
  /** What `stack.json` says now: processes that were started again have new ids. */
  readonly file: () => StackFile;
  readonly secrets: () => Secrets;
  /** What the stack and the supervisor have said so far. */
  readonly output: () => string;
  /** The names and ids of a process's replicas that run now; a server's name stands for itself. */
  readonly replicasOf: (name: string) => { name: string; pid: number; url?: string }[];
};

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 45_000;

/**
 * Starts a whole stack, as `npm start` does, in a temporary folder and on free ports.
 * @param env what its processes are tuned with, and servers that it is to use
 * @param args what follows `npm start --`
 */
export const startPrivateStack = async (
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<PrivateStack> => {
  const home = temporaryFolder("stack");
  const logFile = join(home, "stack.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [inRoot("stack/main.ts"), ...args], {
    cwd: ROOT,
    env: { ...inherited(), ...env, ECS_HOME: home, ECS_PORT: "0" },
    stdio: ["ignore", log, log],
    // A group of its own: Ctrl-C reaches it through us, once.
    detached: true,
  });
  closeSync(log);
  const output = (): string => readFileSync(logFile, "utf8");
  let ended = false;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve())).then(() => {
    ended = true;
  });
  const killed = (): void => void child.kill("SIGTERM");
  process.once("exit", killed);

  const file = (): StackFile => JSON.parse(readFileSync(join(home, "stack.json"), "utf8")) as StackFile;
  const dispose = async (): Promise<void> => {
    process.off("exit", killed);
    child.kill("SIGTERM");
    await until(() => ended, { within: STOP_WITHIN_MS, what: "the end of the stack" }).catch(() =>
      child.kill("SIGKILL"),
    );
    await exited;
    removeTemporaryFolder(home);
  };

  try {
    await until(() => ended || hasContent(file), { within: READY_WITHIN_MS, every: 100, what: "stack.json" });
    if (ended) throw new Error("the stack ended before it was ready");
  } catch (error) {
    const said = output();
    await dispose();
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
  return {
    home,
    file,
    secrets: () => openSecrets(join(home, "secrets.json")),
    output,
    replicasOf: (name) => file().processes.filter((found) => found.name.replace(/-\d+$/, "") === name),
    [Symbol.asyncDispose]: dispose,
  };
};

// Nothing that tunes a stack or points it at servers of somebody's own.
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TZ|LANG|LC_\w+|TMPDIR|NODE_\w+)$/.test(name)),
  );

const hasContent = (file: () => StackFile): boolean => {
  try {
    return file().processes.length > 0;
  } catch {
    return false;
  }
};
