import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../platform/errors/message-of.ts";
import { type Child, launch, spawnChild, untilAnswers } from "../process/child.ts";
import type { ProcessSpec } from "../process/spec.ts";

/** A process that is started again whenever it ends by itself. */
export type Supervised = {
  readonly spec: ProcessSpec;
  /** Its process; undefined while there is none. */
  readonly pid: number | undefined;
  /** Resolves when it answers for the first time; rejects when it ends before that. */
  readonly ready: Promise<void>;
  /** Ends it for good. Returns false when it had to be killed. */
  readonly stop: () => Promise<boolean>;
  /** Kills it at once. */
  readonly kill: () => void;
};

export type Watch = {
  /** A process was started or has ended. */
  readonly changed: () => void;
  readonly say: (line: string) => void;
};

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
// One that ran this long starts again without a pause.
const STEADY_MS = 30_000;

/** Starts a process and, once it has answered, starts it again each time it ends. */
export const supervise = (spec: ProcessSpec, watch: Watch): Supervised => {
  const stopping = new AbortController();
  let child: Child | undefined;
  const adopt = (started: Child): void => {
    child = started;
    if (stopping.signal.aborted) started.kill();
    watch.changed();
  };
  const ready = launch(spec, adopt).then(() => {});
  const kept = ready.then(keepRunning, () => {});

  async function keepRunning(): Promise<void> {
    let pause = SHORTEST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      const begin = Date.now();
      const exit = await child?.exited;
      if (!exit || stopping.signal.aborted) return;
      watch.changed();
      if (Date.now() - begin > STEADY_MS) pause = SHORTEST_PAUSE_MS;
      const seconds = (pause / 1000).toFixed(2);
      watch.say(
        `${spec.name} ended (${exit.signal ?? `code ${exit.code}`}); starting it again in ${seconds} s`,
      );
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      if (!stopping.signal.aborted) await startAgain();
    }
  }

  // A failure here leaves the ended process in place: the loop comes round after a longer pause.
  async function startAgain(): Promise<void> {
    try {
      await spec.beforeStart?.();
      const started = spawnChild(spec);
      adopt(started);
      void sayWhenBack(started);
    } catch (error) {
      watch.say(`${spec.name} could not be started: ${messageOf(error)}`);
    }
  }

  async function sayWhenBack(started: Child): Promise<void> {
    // However long it takes: what it waits for, a database say, may itself be starting again.
    const ended = await untilAnswers(started, Number.POSITIVE_INFINITY);
    if (!ended) watch.say(`${spec.name} is back (process ${started.pid})`);
  }

  return {
    spec,
    ready,
    get pid() {
      return child?.running ? child.pid : undefined;
    },
    stop: async () => {
      stopping.abort();
      const killed = await child?.stop();
      await kept;
      return !killed;
    },
    kill: () => {
      stopping.abort();
      child?.kill();
    },
  };
};
