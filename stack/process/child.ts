import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { settlesWithin } from "../../platform/lifecycle/settles-within.ts";
import { EarlyExit } from "./early-exit.ts";
import { reapAtExit } from "./reaper.ts";
import type { ProcessSpec } from "./spec.ts";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type Child = {
  readonly pid: number;
  readonly spec: ProcessSpec;
  readonly running: boolean;
  readonly exited: Promise<Exit>;
  /** Sends a signal to the process alone; does nothing once it is gone. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Asks it to finish, kills its group when it has not within its time. Returns true when it had to be killed. */
  readonly stop: () => Promise<boolean>;
  /** Kills it and what it started, at once. */
  readonly kill: () => void;
};

const POLL_MS = 20;
const OUTPUT_TAIL = 8192;

/**
 * Starts a program in a process group of its own and waits until it answers.
 * @param started told of each process as soon as there is one
 * @throws EarlyExit when it ends first; Error when it does not answer in time (it is stopped then)
 */
export const launch = async (spec: ProcessSpec, started?: (child: Child) => void): Promise<Child> => {
  const deadline = Date.now() + spec.startWithinMs;
  for (;;) {
    await spec.beforeStart?.();
    const logStart = logSize(spec.logFile);
    const child = spawnChild(spec);
    started?.(child);
    const ended = await untilAnswers(child, deadline).catch(async (error: unknown) => {
      await child.stop();
      throw error;
    });
    if (!ended) return child;
    const output = readTail(spec.logFile, logStart);
    if (!spec.passing?.(output) || Date.now() > deadline) throw new EarlyExit(spec, ended, output);
    await sleep(POLL_MS * 5);
  }
};

/** Starts a program without waiting for it to answer. */
export const spawnChild = (spec: ProcessSpec): Child => {
  const log = openSync(spec.logFile, "a", 0o600);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ["ignore", log, log],
    ...(spec.account && { uid: spec.account.uid, gid: spec.account.gid }),
  });
  closeSync(log);
  let running = true;
  const exited = new Promise<Exit>((resolve) => {
    child.once("error", () => resolve({ code: 127, signal: null }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    running = false;
    // What it leaves of its own (nginx's workers, say) would hold its port.
    killGroup(pid);
    forget();
  });
  const pid = child.pid ?? 0;
  const forget = reapAtExit(pid);
  const signal = (name: NodeJS.Signals): void => void (running && child.kill(name));
  return {
    pid,
    spec,
    get running() {
      return running;
    },
    exited,
    signal,
    kill: () => void (running && killGroup(pid)),
    stop: async () => {
      if (!running) return false;
      signal(spec.stopSignal);
      if (await settlesWithin(exited, spec.stopWithinMs)) return false;
      killGroup(pid);
      await exited;
      return true;
    },
  };
};

/** Waits until it answers; resolves with how it ended when it did that instead. @throws Error at the deadline */
export const untilAnswers = async (child: Child, deadline: number): Promise<Exit | undefined> => {
  let problem = "";
  const ended = child.exited.then((exit) => ({ exit }));
  while (Date.now() < deadline) {
    const answer = child.spec.ready().then(
      () => "ready" as const,
      (error: Error) => void (problem = error.message),
    );
    const first = await Promise.race([answer, ended]);
    if (first === "ready") return undefined;
    if (first) return first.exit;
    await sleep(POLL_MS);
  }
  const seconds = child.spec.startWithinMs / 1000;
  throw new Error(
    `${child.spec.name} did not answer within ${seconds} s (${problem}); its log: ${child.spec.logFile}`,
  );
};

/** Kills a process and whatever it started. */
export const killGroup = (pid: number): void => {
  if (pid <= 0) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It went by itself a moment ago.
  }
};

const logSize = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const readTail = (file: string, from: number): string => {
  const size = logSize(file);
  if (size - from <= OUTPUT_TAIL) return readFileSync(file).subarray(from).toString("utf8");
  const handle = openSync(file, "r");
  const buffer = Buffer.alloc(OUTPUT_TAIL);
  readSync(handle, buffer, 0, OUTPUT_TAIL, size - OUTPUT_TAIL);
  closeSync(handle);
  return buffer.toString("utf8");
};
