import { setTimeout as sleep } from "node:timers/promises";
import { closeDatabase, connectDatabase } from "../../platform/database/connect.ts";
import { isNotFound } from "../../platform/messaging/broker-errors.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import { wakeOutbox } from "../../platform/messaging/outbox-wake.ts";
import { openRange } from "../../platform/messaging/read-range.ts";
import type { OpenRange } from "../../platform/messaging/read-range.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { describeProgress, describeSummary } from "./describe.ts";
import type { Options } from "./options.ts";
import { replayRange } from "./replay-range.ts";
import { createTarget } from "./targets.ts";

const DONE = 0;
const INTERRUPTED = 130;
const PROGRESS_EVERY_MS = 2_000;
const CONNECT_WITHIN_MS = 5_000;

export type Surroundings = {
  NATS_URL: string;
  DATABASE_URL: string;
  /** Shows a line. */
  say: (line: string) => void;
  /** Ends the replay after what is in hand. */
  signal: AbortSignal;
};

/** Replays, and says so. Resolves with the exit code. @throws Error saying what is wrong and what may be done */
export const runReplay = async (options: Options, surroundings: Surroundings): Promise<number> => {
  const { say, signal } = surroundings;
  const logger = createLogger({ PROCESS_NAME: "replay", LOG_LEVEL: "silent" });
  const sql = connectDatabase({ url: surroundings.DATABASE_URL, name: "replay", max: 2 }, logger);
  let broker: Broker | undefined;
  try {
    await sql`select 1`.catch((error: unknown) => {
      throw new Error(`the database cannot be reached: ${messageOf(error)}`, { cause: error });
    });
    broker = await reach(connectBroker({ url: surroundings.NATS_URL, name: "replay" }, logger));
    const { nc } = broker;
    const target = createTarget(options.stream, { sql, logger, wakeRelay: () => wakeOutbox(nc) });
    const range = await open(broker, options, target.filterSubject);
    say(`${options.stream}: ${range.messages.toLocaleString("en-US")} messages stored ${span(options)}`);

    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    let shown = started;
    const tally = await replayRange(range, target, {
      ...options,
      signal,
      onProgress: (now) => {
        if (performance.now() - shown < PROGRESS_EVERY_MS) return;
        shown = performance.now();
        say(describeProgress(now, range.messages, elapsed()));
      },
      onWait: (errorClass) => say(`the database is away (${errorClass}): waiting for it`),
    });
    say(describeSummary(tally, options, elapsed()));
    if (!signal.aborted) return DONE;
    const goOn = tally.lastStored ?? options.from;
    say(`Ended before all was done. Go on with --from ${goOn.toISOString()}`);
    return INTERRUPTED;
  } finally {
    await broker?.close();
    await closeDatabase(sql);
  }
};

const span = ({ from, to }: Options): string =>
  to ? `from ${from.toISOString()} to ${to.toISOString()}` : `since ${from.toISOString()}`;

// The platform's processes wait for their broker for ever; whoever types a command wants to know.
const reach = async (connecting: Promise<Broker>): Promise<Broker> => {
  const broker = await Promise.race([connecting, sleep(CONNECT_WITHIN_MS, undefined, { ref: false })]);
  if (!broker) throw new Error("the broker does not answer: is NATS_URL right, and the stack running?");
  return broker;
};

const open = async (broker: Broker, options: Options, filterSubject: string): Promise<OpenRange> => {
  const { stream } = options;
  try {
    const range = await openRange(broker, { ...options, filterSubject });
    if (range.messages > 0) return range;
  } catch (error) {
    if (isNotFound(error)) throw new Error(`the broker has no stream ${stream}`, { cause: error });
    throw error;
  }
  const { state } = await broker.jsm.streams.info(stream);
  const held = state.messages > 0 ? `it holds ${state.first_ts} to ${state.last_ts}` : "it is empty";
  throw new Error(`${stream} holds nothing stored ${span(options)}; ${held}`);
};
