import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "../../platform/messaging/connect.ts";
import { isNotFound } from "../../platform/messaging/broker-errors.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { WarmSide } from "../bench.ts";
import { withoutNumber } from "../load/load-side.ts";
import { countCpu } from "../measure/cpu.ts";
import { fillStream, toMessages } from "../persist/fill-stream.ts";
import type { Kind } from "../persist/kinds.ts";
import { emptyTables, requireEvents } from "../persist/tables.ts";
import type { Lender, Lent } from "../system/lender.ts";

export type DrainSurroundings = {
  readonly lender: Lender;
  readonly postgres: Lent;
  readonly nats: Lent;
  readonly broker: Broker;
  readonly sql: Sql;
  readonly kind: Kind;
};

export type DrainOptions = {
  readonly name: string;
  readonly workers: number;
  /** The lines of a round, each event new to the tables. */
  readonly lines: (round: number) => readonly string[];
  /** Events that the tables hold already and keep; without it they are emptied before each round. */
  readonly stored?: () => number;
};

// What intake puts together under load.
const EVENTS_PER_MESSAGE = 25;
const WARM_UP_SHARE = 0.25;
const WITHIN_MS = 90_000;

/** Workers, started afresh, from a full stream until everything is committed; the first quarter warms them up. */
export const drainSide = (at: DrainSurroundings, options: DrainOptions): WarmSide => {
  const { kind, broker, sql, lender } = at;
  let messages: string[] = [];
  let events = 0;
  return {
    name: options.name,
    unit: "events",
    prepare: async (round) => {
      const lines = options.lines(round);
      messages = toMessages(lines, EVENTS_PER_MESSAGE);
      events = lines.length;
      if (!options.stored) await emptyTables(sql, kind);
      await broker.jsm.streams.purge(kind.consumer.stream);
      await forgetConsumer(broker, kind);
      await fillStream(broker, kind.consumer.filterSubject, messages);
    },
    measure: async () => {
      const expected = (options.stored?.() ?? 0) + events;
      const workers = await Promise.all(
        Array.from({ length: options.workers }, (_, index) =>
          lender.process(`${kind.name}-${index + 1}`, kind.entry, {
            NATS_URL: at.nats.url,
            DATABASE_URL: at.postgres.url,
            STREAM_REPLICAS: "1",
          }),
        ),
      );
      try {
        const begin = await untilLeft(at, Math.floor(messages.length * (1 - WARM_UP_SHARE)));
        const used = countCpu([...workers, at.nats, at.postgres].map(withoutNumber));
        const end = await untilLeft(at, 0);
        const cpu = used();
        await requireEvents(sql, kind, expected);
        const count = (begin.left - end.left) * EVENTS_PER_MESSAGE;
        return { count, seconds: (end.at - begin.at) / 1_000, cpu };
      } finally {
        await Promise.all(workers.map((worker) => lender.giveBack(worker)));
      }
    },
  };
};

const forgetConsumer = async ({ jsm }: Broker, { consumer }: Kind): Promise<void> => {
  try {
    await jsm.consumers.delete(consumer.stream, consumer.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
};

const untilLeft = async (
  { broker, kind }: DrainSurroundings,
  most: number,
): Promise<{ left: number; at: number }> => {
  const { stream, name } = kind.consumer;
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { num_pending, num_ack_pending } = await broker.jsm.consumers.info(stream, name);
    const left = num_pending + num_ack_pending;
    if (left <= most) return { left, at: performance.now() };
    if (Date.now() > deadline) throw new Error(`${name}: ${left} messages are left after ${WITHIN_MS} ms`);
    await sleep(10);
  }
};
