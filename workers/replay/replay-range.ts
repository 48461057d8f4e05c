import { setTimeout as sleep } from "node:timers/promises";
import { classifyError, errorClassOf } from "../../platform/messaging/classify-error.ts";
import { decodeBatch, toDelivery } from "../../platform/messaging/delivery.ts";
import { runIsolated } from "../../platform/messaging/isolate.ts";
import type { Outcome } from "../../platform/messaging/outcome.ts";
import { retryDelay } from "../../platform/messaging/retry-schedule.ts";
import { storedAt } from "../../platform/messaging/read-range.ts";
import type { OpenRange } from "../../platform/messaging/read-range.ts";
import type { Target } from "./targets.ts";

export type Tally = {
  messages: number;
  events: number;
  newlyStored: number;
  alreadyStored: number;
  /** What the worker refuses or cannot read, by error class. A replay buries nothing: what was refused the first time is there already. */
  refused: Map<string, number>;
  /** When the newest message that was dealt with had been stored. */
  lastStored: Date | undefined;
};

export type ReplayOptions = {
  dryRun: boolean;
  /** Most events a second. */
  rate: number;
  signal: AbortSignal;
  onProgress: (tally: Tally) => void;
  /** The database is away; what is in hand waits for it. */
  onWait: (errorClass: string) => void;
};

const CHUNK_EVENTS = 500;
const WAIT = { baseMs: 250, capMs: 5_000 };

/** Feeds a range of stored messages to the target, as the runner would, but publishes, acknowledges and buries nothing. */
export const replayRange = async (
  range: OpenRange,
  target: Target,
  options: ReplayOptions,
): Promise<Tally> => {
  const tally: Tally = {
    messages: 0,
    events: 0,
    newlyStored: 0,
    alreadyStored: 0,
    refused: new Map(),
    lastStored: undefined,
  };
  const deal = options.dryRun ? examine(target, tally) : handle(target, tally);
  const started = performance.now();

  for await (const messages of range.read(options.signal)) {
    const { events, unread } = decodeBatch(messages.map(toDelivery), target);
    for (const outcome of unread) countRefusal(tally, outcome);
    for (let at = 0; at < events.length; at += CHUNK_EVENTS) {
      const chunk = events.slice(at, at + CHUNK_EVENTS);
      for (const outcome of await untilDatabaseAnswers(options, () => deal(chunk)))
        countRefusal(tally, outcome);
    }
    tally.messages += messages.length;
    tally.events += unread.length;
    tally.alreadyStored = tally.events - tally.newlyStored - countRefused(tally);
    tally.lastStored = storedAt(messages.at(-1)!);
    options.onProgress(tally);
    const early = (tally.events / options.rate) * 1000 - (performance.now() - started);
    if (early > 0) await sleep(early, undefined, { signal: options.signal }).catch(() => {});
  }
  return tally;
};

/** Returns what became of the events, where that was to be learnt. */
type Deal = (events: unknown[]) => Promise<Outcome[]>;

const handle = (target: Target, tally: Tally): Deal => {
  const handler = target.createHandler((count) => (tally.newlyStored += count));
  return (events) => runIsolated(() => events, handler);
};

const examine = (target: Target, tally: Tally): Deal => {
  const missing = new Set<string>();
  return async (events) => {
    for (const name of await target.missing(events)) missing.add(name);
    tally.newlyStored = missing.size;
    return [];
  };
};

export const countRefused = ({ refused }: Tally): number =>
  [...refused.values()].reduce((sum, count) => sum + count, 0);

const countRefusal = ({ refused }: Tally, outcome: Outcome | undefined): void => {
  if (!outcome || outcome.kind === "done") return;
  const name = outcome.errorClass ?? "Refused";
  refused.set(name, (refused.get(name) ?? 0) + 1);
};

/** @throws what was thrown last when the replay is ended meanwhile */
const untilDatabaseAnswers = async <Result>(
  { signal, onWait }: ReplayOptions,
  work: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || classifyError(error) !== "transient") throw error;
      onWait(errorClassOf(error));
      await sleep(20 + retryDelay(WAIT, attempt), undefined, { signal }).catch(() => {});
    }
  }
};
