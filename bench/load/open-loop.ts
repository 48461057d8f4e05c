import { nextRequest } from "./closed-loop.ts";
import type { Pool } from "./closed-loop.ts";
import { openLane } from "./lane.ts";
import type { Lane } from "./lane.ts";
import { summariseLatencies } from "./latencies.ts";
import type { LoadResult, OpenLoadJob } from "./protocol.ts";
import { constantRate } from "./schedule.ts";

// What is not answered so long after the last request was due counts with the time it has waited by then.
const GRACE_MS = 5_000;

/**
 * An open loop: requests come at a constant rate whether or not the ones before were answered, as those of many
 * devices do. A latency begins when its request was due, not when a connection was free to send it, so that a stall
 * counts for every request that fell into it: this is what corrects for coordinated omission. The clock looks every
 * millisecond, so a latency may be a millisecond too long.
 */
export const runOpenLoop = async (job: OpenLoadJob, pool: Pool): Promise<LoadResult> => {
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const free: Lane[] = [];
  const overdue: number[] = [];
  const underWay = new Set<number>();

  const onOutcome = (due: number, outcome: number | string): void => {
    underWay.delete(due);
    if (outcome === job.expectedStatus) latencies.push(performance.now() - due);
    else unexpected[outcome] = (unexpected[outcome] ?? 0) + 1;
  };
  const sendOverdue = (): void => {
    while (free.length > 0 && overdue.length > 0) {
      const due = overdue.shift() as number;
      underWay.add(due);
      (free.pop() as Lane).send(nextRequest(pool), due);
    }
  };
  const onFree = (lane: Lane): void => {
    free.push(lane);
    sendOverdue();
  };

  const { target, rate, seconds, connections } = job;
  const lanes = await Promise.all(
    Array.from({ length: connections }, () => openLane(target, { onOutcome, onFree })),
  );
  const started = performance.now();
  const schedule = constantRate(started, rate, seconds);
  await new Promise<void>((resolve) => {
    const ticker = setInterval(() => {
      const now = performance.now();
      overdue.push(...schedule.take(now));
      sendOverdue();
      const settled = overdue.length === 0 && underWay.size === 0;
      if (now < started + seconds * 1_000 || (!settled && now < started + seconds * 1_000 + GRACE_MS)) return;
      clearInterval(ticker);
      resolve();
    }, 1);
  });
  const stopped = performance.now();
  for (const lane of lanes) lane.close();
  for (const due of [...overdue, ...underWay]) latencies.push(stopped - due);
  return { ...summariseLatencies(latencies), seconds, unexpected };
};
