import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AckPolicy, StorageType } from "@nats-io/jetstream";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { WarmSide } from "../bench.ts";
import { countCpu } from "../measure/cpu.ts";
import { consumers } from "../../contracts/streams.ts";
import { fillStream } from "./fill-stream.ts";
import type { FullBroker, PersistSurroundings } from "./sides.ts";

const { stream } = consumers.emotionProcessing;
const CONSUMER = "bench-raw";
const FETCHED_AT_ONCE = 1_000;
const SCRATCH = "BENCH_RAW";

/** Nothing but JetStream: this process pulls every message of a full stream and acknowledges it, one by one. */
export const consumeSide = (
  { events }: PersistSurroundings,
  { server, connection, eventsPerMessage }: FullBroker,
): WarmSide => ({
  name: "JetStream alone: pull and acknowledge",
  unit: "messages",
  prepare: async () =>
    void (await connection.jsm.consumers.add(stream, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: 48_000,
    })),
  measure: async () => {
    const total = Math.ceil(events / eventsPerMessage);
    const consumer = await connection.js.consumers.get(stream, CONSUMER);
    const used = countHere(server.pid);
    const begin = performance.now();
    const messages = await consumer.consume({ max_messages: FETCHED_AT_ONCE });
    let taken = 0;
    for await (const message of messages) {
      message.ack();
      if (++taken === total) messages.stop();
    }
    await connection.nc.flush();
    const seconds = (performance.now() - begin) / 1_000;
    const cpu = used();
    await connection.jsm.consumers.delete(stream, CONSUMER);
    return { count: taken, seconds, cpu };
  },
});

/** Nothing but JetStream: this process publishes messages of one event to a stream on disk and awaits every acknowledgement. */
export const publishSide = (
  { events }: PersistSurroundings,
  { server, connection }: FullBroker,
  lines: readonly string[],
): WarmSide => ({
  name: "JetStream alone: publish",
  unit: "messages",
  prepare: async () => {
    await connection.jsm.streams.add({ name: SCRATCH, subjects: ["bench.raw"], storage: StorageType.File });
  },
  measure: async () => {
    const used = countHere(server.pid);
    const begin = performance.now();
    await fillStream(connection, "bench.raw", lines);
    const seconds = (performance.now() - begin) / 1_000;
    const cpu = used();
    await connection.jsm.streams.delete(SCRATCH);
    return { count: events, seconds, cpu };
  },
});

const countHere = (nats: number): (() => Record<string, number>) =>
  countCpu([
    { name: "nats", pid: nats },
    { name: "bench", pid: process.pid },
  ]);

const PGBENCH_SECONDS = 2;
const PGBENCH_CLIENTS = 2;

/** PostgreSQL's own benchmark on the same server, "simple update" with prepared statements; undefined where it is not installed. */
export const pgbenchSide = async ({ postgres }: PersistSurroundings): Promise<WarmSide | undefined> => {
  const pgbench = async (args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("pgbench", [...args, postgres.url])).stdout;
  try {
    await pgbench(["--initialize", "--quiet", "--scale=5"]);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  return {
    name: "pgbench, simple update",
    unit: "transactions",
    measure: async () => {
      const used = countCpu([postgres]);
      const said = await pgbench([
        "--builtin=simple-update",
        "--protocol=prepared",
        "--no-vacuum",
        `--client=${PGBENCH_CLIENTS}`,
        `--time=${PGBENCH_SECONDS}`,
      ]);
      return { ...readPgbench(said), cpu: used() };
    },
  };
};

/** @throws Error when the output holds no result */
export const readPgbench = (said: string): { count: number; seconds: number } => {
  const count = Number(/transactions actually processed: (\d+)/.exec(said)?.[1]);
  const rate = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
  if (!(count > 0) || !(rate > 0)) throw new Error(`pgbench gave no result:\n${said}`);
  return { count, seconds: count / rate };
};
