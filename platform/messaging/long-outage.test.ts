import { pino } from "pino";
import postgres from "postgres";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { killProcess } from "../../tests/harness/kill-process.ts";
import { startNats, startPostgres } from "../../tests/harness/servers.ts";
import type { PrivatePostgres } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectDatabase } from "../database/connect.ts";
import { connectBroker } from "./connect.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { done } from "./outcome.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { runConsumer } from "./run-consumer.ts";

const logger = pino({ level: "silent" });
// A worker that is held up for less than two thirds of this still tells the broker in time that it is working.
const ACK_WAIT_MS = 3_000;
const MESSAGES = 3_000;
// Large, so that few are fetched ahead when all drains: only what has been taken from them tells the broker so, and on
// a busy machine 4,000 small ones wait longer than the ack deadline for that.
const TEXT = "x".repeat(16_000);
// What a pull of an empty stream asks for, and what it asks for again when three quarters of that have come.
const FETCHED_AHEAD = 512;
const BATCH = { events: 100, maxEvents: 200, lingerMs: 10, maxInAir: 2 };
const consumer = { stream: "S", name: "worker", filterSubject: "s.x", ackWaitMs: ACK_WAIT_MS };
const spec = (name: string, subject: string) => ({
  name,
  subjects: [subject],
  maxAgeMs: 3_600_000,
  maxBytes: 256 * 1_024 * 1_024,
});

type Numbered = { n: number };

const setUp = async () => {
  const [nats, database] = await Promise.all([startNats(), startPostgres()]);
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  const sql = connectDatabase({ url: database.databaseUrl, name: "test", max: 4 }, logger);
  await sql`create table seen (n integer primary key)`;
  const ensure = async (): Promise<void> => {
    await ensureStream(broker.jsm, spec("S", "s.x"), 1, logger);
    await ensureStream(broker.jsm, spec("DEAD", "dead-letters.>"), 1, logger);
    await ensureConsumer(broker.jsm, consumer);
  };
  await ensure();
  const worker = runConsumer<Numbered>(
    { broker, logger, metrics: createConsumerMetrics(new Registry()) },
    {
      consumer,
      deadLetterSubject: "dead-letters.S",
      ensure,
      decode: (json) => json as Numbered,
      // Without `on conflict`: a second delivery of anything would be seen.
      handle: async (events) => {
        await sql`insert into seen select unnest(${events.map(({ n }) => n)}::int[])`;
        return events.map(() => done);
      },
      retryBaseMs: 10,
      batch: BATCH,
    },
  );
  const dispose = async (): Promise<void> => {
    await worker.stop();
    await sql.end({ timeout: 1 });
    await broker.close();
    await nats[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
  return { broker, database, [Symbol.asyncDispose]: dispose };
};

const countSeen = async (url: string): Promise<number> => {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await admin<{ n: number }[]>`select count(*)::int as n from seen`;
    return row!.n;
  } finally {
    await admin.end({ timeout: 1 });
  }
};

/** Takes the database away, its open sessions included. Returns what brings it back. */
const takeAway = async (database: PrivatePostgres, signal: "SIGSTOP" | "SIGKILL") => {
  if (signal === "SIGKILL") {
    await database.kill("SIGKILL");
    return database.restart;
  }
  const admin = postgres(database.databaseUrl, { max: 1, onnotice: () => {} });
  const sessions = await admin<{ pid: number }[]>`
    select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  await admin.end({ timeout: 1 });
  const pids = [database.pid, ...sessions.map(({ pid }) => pid)];
  for (const pid of pids) killProcess(pid, "SIGSTOP");
  return async (): Promise<void> => {
    for (const pid of pids) killProcess(pid, "SIGCONT");
  };
};

test.each([
  ["stopped in its tracks", "SIGSTOP"],
  ["killed", "SIGKILL"],
] as const)(
  "a database that is %s for several ack deadlines costs no message a delivery, and all drain after it",
  async (_, signal) => {
    await using env = await setUp();
    const { broker, database } = env;
    const info = () => broker.jsm.consumers.info("S", "worker");
    const resume = await takeAway(database, signal);
    for (let n = 0; n < MESSAGES; n++) broker.nc.publish("s.x", JSON.stringify({ n, text: TEXT }));
    await broker.nc.flush();
    await until(async () => (await info()).num_ack_pending > BATCH.maxEvents);
    const stopped = Date.now();
    const pending: number[] = [];
    await until(
      async () => {
        pending.push((await info()).num_ack_pending);
        return Date.now() - stopped > 2.3 * ACK_WAIT_MS;
      },
      { every: 250 },
    );
    // Two batches in the air, one gathered, and what was fetched ahead: bounded, and it does not grow.
    expect(Math.max(...pending)).toBeLessThan(3 * BATCH.maxEvents + FETCHED_AHEAD);
    expect(pending.at(-1)).toBe(pending[Math.floor(pending.length / 2)]);
    expect((await info()).num_redelivered).toBe(0);

    await resume();
    await until(async () => (await info()).ack_floor.stream_seq === MESSAGES);
    // One delivery each.
    expect((await info()).delivered.consumer_seq).toBe(MESSAGES);
    expect(await countSeen(database.databaseUrl)).toBe(MESSAGES);
    expect((await broker.jsm.streams.info("DEAD")).state.messages).toBe(0);
  },
  60_000,
);
