import { linkSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../platform/errors/code-of.ts";
import { startedAt } from "../process/identity.ts";
import type { Home } from "./home.ts";
import { type ChildRecord, stopLeftovers } from "./leftovers.ts";
import { writePrivateJson } from "./write-file.ts";

export type State = {
  readonly pid: number;
  readonly startedAt: string;
  readonly stopping: boolean;
  readonly children: readonly ChildRecord[];
};

export type Ownership = {
  /** Notes what runs now, for whoever finds it should this process be killed. */
  readonly record: (children: readonly ChildRecord[], stopping: boolean) => void;
  readonly release: () => void;
};

const WAIT_FOR_STOP_MS = 90_000;

/**
 * Takes a stack's folder for this process. What a killed predecessor left running is stopped first; one that is
 * about to end is waited for. @throws Error when another stack runs on the folder
 */
export const takeOwnership = async (home: Home, say: (line: string) => void): Promise<Ownership> => {
  const mine = { pid: process.pid, startedAt: startedAt(process.pid) ?? "" };
  const deadline = Date.now() + WAIT_FOR_STOP_MS;
  let waiting = false;
  while (!claim(home.stateFile, { ...mine, stopping: false, children: [] })) {
    const other = readState(home.stateFile);
    if (other && startedAt(other.pid) === other.startedAt) {
      if (!other.stopping || Date.now() > deadline) throw new Error(alreadyRuns(home, other.pid));
      if (!waiting) say(`Waiting for the previous stack (process ${other.pid}) to finish stopping…`);
      waiting = true;
      await sleep(100);
    } else {
      await stopLeftovers(other?.children ?? [], say);
      rmSync(home.stateFile, { force: true });
    }
  }
  return {
    record: (children, stopping) => writePrivateJson(home.stateFile, { ...mine, stopping, children }),
    release: () => rmSync(home.stateFile, { force: true }),
  };
};

const alreadyRuns = (home: Home, pid: number): string =>
  `a stack already runs on ${home.folder} (process ${pid}); stop it, ` +
  "or run this one beside it: ECS_HOME=.ecs-2 ECS_PORT=9998 npm start";

// A link appears with its whole content or, when the name is taken, not at all.
const claim = (file: string, state: State): boolean => {
  const candidate = `${file}.claim.${process.pid}`;
  writePrivateJson(candidate, state);
  try {
    linkSync(candidate, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(candidate, { force: true });
  }
};

const readState = (file: string): State | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as State;
  } catch {
    // Released a moment ago.
    return undefined;
  }
};
