import { setTimeout as sleep } from "node:timers/promises";
import { killGroup } from "../process/child.ts";
import { groupIsEmpty, startedAt } from "../process/identity.ts";

/** A process that the stack has started, recognisable after its process id was given to another. */
export type ChildRecord = {
  readonly name: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly stopSignal: NodeJS.Signals;
};

const STOP_WITHIN_MS = 15_000;

/**
 * Stops the processes that a killed stack left running: first what serves, then the servers under it, each asked
 * before it is killed. A process that only took over an old id is left alone.
 */
export const stopLeftovers = async (
  records: readonly ChildRecord[],
  say: (line: string) => void,
): Promise<void> => {
  const alive = records.filter(isAlive);
  if (alive.length > 0)
    say(`Stopping what a killed stack left running: ${alive.map(({ name }) => name).join(", ")}`);
  // The records are in the order of the start.
  for (const stage of [alive.filter((record) => !isServer(record)), alive.filter(isServer)]) {
    await stopAll(stage);
  }
  // A dead leader may still have its group: nginx's workers go on listening.
  for (const record of records)
    if (!groupIsEmpty(record.pid) && !startedAt(record.pid)) killGroup(record.pid);
};

const isServer = ({ name }: ChildRecord): boolean => /^(postgres|nats(-\d)?|redis)$/.test(name);

const isAlive = ({ pid, startedAt: then }: ChildRecord): boolean => startedAt(pid) === then;

const stopAll = async (records: readonly ChildRecord[]): Promise<void> => {
  for (const { pid, stopSignal } of records) send(pid, stopSignal);
  const deadline = Date.now() + STOP_WITHIN_MS;
  while (records.some(isAlive) && Date.now() < deadline) await sleep(50);
  for (const record of records) if (isAlive(record)) killGroup(record.pid);
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
    process.kill(pid, "SIGCONT");
  } catch {
    // It ended by itself.
  }
};
