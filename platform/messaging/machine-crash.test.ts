import { cpSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNatsCluster } from "../../tests/harness/nats-cluster.ts";
import { startNats } from "../../tests/harness/servers.ts";
import type { Server } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import type { Broker } from "./connect.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { done } from "./outcome.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { publishWithRetry } from "./publish-with-retry.ts";
import { runConsumer } from "./run-consumer.ts";
import { withLeader } from "./with-leader.ts";

// What a crash of the whole machine does to a store cannot be done to a running kernel without root and a file system
// of its own. This is the nearest: the state of every file at one moment stands for what had reached the disk, the
// server is killed later, and its files are put back to that state (`restore`), or only cut to the length that they
// had (`truncate`). What it cannot show: writes that reached the disk in another order, and sectors half-written.

const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });
const STREAM = { name: "S", subjects: ["s.x"], maxAgeMs: 3_600_000, maxBytes: 64 * 1_024 * 1_024 };
const CONSUMER = { stream: "S", name: "worker", filterSubject: "s.x", ackWaitMs: 30_000 };
const WINDOW = 500;

/** Publishes the events numbered from..to and resolves when each is acknowledged. */
const publish = async (broker: Broker, from: number, to: number): Promise<void> => {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  while (numbers.length > 0) {
    await Promise.all(
      numbers.splice(0, 50).map((n) =>
        publishWithRetry(broker, {
          subject: "s.x",
          body: JSON.stringify({ n }),
          messageId: `event-${n}`,
          headers: headers(),
        }),
      ),
    );
  }
};

const stored = async (jsm: JetStreamManager): Promise<number[]> => {
  const { state } = await jsm.streams.info("S");
  const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
  const messages = await Promise.all(sequences.map((seq) => jsm.streams.getMessage("S", { seq })));
  return messages.map((message) => message!.json<{ n: number }>().n);
};

/** What had reached the disk: the store as it is now, at one moment. */
const noteDisk = (server: Server, store: string): { restore: () => void; truncate: () => void } => {
  const copy = `${store}.disk`;
  process.kill(server.pid, "SIGSTOP");
  cpSync(store, copy, { recursive: true });
  process.kill(server.pid, "SIGCONT");
  return {
    restore: () => {
      rmSync(store, { recursive: true });
      cpSync(copy, store, { recursive: true });
    },
    truncate: () => {
      const blocks = readdirSync(copy, { recursive: true, encoding: "utf8" });
      for (const block of blocks.filter((name) => name.includes("streams/S/") && name.endsWith(".blk")))
        truncateSync(join(store, block), statSync(join(copy, block)).size);
    },
  };
};

const upTo = (end: number): number[] => Array.from({ length: end }, (_, n) => n);

test("a killed process loses nothing that was acknowledged: its pages are the kernel's", async () => {
  await using server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  await ensureStream(broker.jsm, STREAM, 1, logger);
  await publish(broker, 0, WINDOW);
  await server.kill();
  await server.restart();
  await until(broker.connected);
  expect(await stored(broker.jsm)).toEqual(upTo(WINDOW));
  await broker.close();
});

test.each(["restore", "truncate"] as const)(
  "one server whose machine crashes may lose what was acknowledged since its last sync, nothing older, and what comes next is worked off (%s)",
  { timeout: 60_000 },
  async (loss) => {
    await using server = await startNats();
    const broker = await connectBroker({ url: server.url, name: "test" }, logger);
    await ensureStream(broker.jsm, STREAM, 1, logger);
    const handled = new Set<number>();
    const worker = runConsumer<{ n: number }>(
      { broker, logger, metrics: createConsumerMetrics(new Registry()) },
      {
        consumer: CONSUMER,
        deadLetterSubject: "dead-letters.S",
        ensure: () => ensureConsumer(broker.jsm, CONSUMER),
        decode: (json) => json as { n: number },
        handle: (events) => {
          for (const { n } of events) handled.add(n);
          return Promise.resolve(events.map(() => done));
        },
        retryBaseMs: 10,
      },
    );
    await publish(broker, 0, WINDOW);
    const disk = noteDisk(server, join(dirname(server.logFile), "jetstream"));
    await publish(broker, WINDOW, 2 * WINDOW);
    await until(() => handled.size === 2 * WINDOW, { what: "everything worked off" });
    const position = async (): Promise<number> =>
      (await broker.jsm.consumers.info("S", "worker")).ack_floor.stream_seq;
    await until(async () => (await position()) === 2 * WINDOW, { what: "everything acknowledged" });
    // NATS writes a consumer's position a moment after the acknowledgement; a truncated stream must not outlive it.
    const positionFile = join(dirname(server.logFile), "jetstream/jetstream/$G/streams/S/obs/worker/o.dat");
    const written = Date.now();
    await until(() => statSync(positionFile).mtimeMs > written || Date.now() - written > 1_500);

    await server.kill();
    disk[loss]();
    await server.restart();
    await until(broker.connected);
    expect(await stored(broker.jsm)).toEqual(upTo(WINDOW));

    // More than was lost, and at once: the stream grows past the consumer's old position before anybody has looked.
    await publish(broker, 2 * WINDOW, 4 * WINDOW);
    await until(() => handled.size === 4 * WINDOW, { what: "the later events worked off" });
    await worker.stop();
    await broker.close();
  },
);

test(
  "a consumer that stands beyond the end of its stream is made anew at the start",
  { timeout: 30_000 },
  async () => {
    await using server = await startNats();
    const broker = await connectBroker({ url: server.url, name: "test" }, logger);
    const { jsm } = broker;
    await ensureStream(jsm, STREAM, 1, logger);
    await ensureConsumer(jsm, CONSUMER);
    await publish(broker, 0, 1);
    const disk = noteDisk(server, join(dirname(server.logFile), "jetstream"));
    await publish(broker, 1, 100);
    const consumer = await broker.js.consumers.get("S", "worker");
    for await (const message of await consumer.fetch({ max_messages: 100, expires: 20_000 })) message.ack();
    await until(async () => (await jsm.consumers.info("S", "worker")).ack_floor.stream_seq === 100);
    await server.stop();
    disk.truncate();
    await server.restart();
    await until(broker.connected);
    await ensureConsumer(jsm, CONSUMER);
    expect((await jsm.consumers.info("S", "worker")).num_pending).toBe(1);
    await broker.close();
  },
);

test.each(["restore", "truncate"] as const)(
  "a cluster loses nothing when the machine of one member crashes: the member catches up, and may lead (%s)",
  { timeout: 180_000 },
  async (loss) => {
    await using cluster = await startNatsCluster();
    const broker = await connectBroker({ url: cluster.url, name: "test" }, logger);
    const { jsm } = broker;
    await withLeader(() => ensureStream(jsm, STREAM, 3, logger));
    await publish(broker, 0, WINDOW);
    const leader = await cluster.leaderOf(jsm, "S");
    const crashed = cluster.members.find((member) => member !== leader)!;
    const disk = noteDisk(crashed, crashed.store);
    await publish(broker, WINDOW, 2 * WINDOW);
    await crashed.kill();
    disk[loss]();
    await publish(broker, 2 * WINDOW, 3 * WINDOW);
    await crashed.restart();
    await until(
      async () => {
        const { cluster: group } = await jsm.streams.info("S");
        return group?.replicas?.every(({ current, offline }) => current && !offline);
      },
      { within: 80_000, every: 100, what: "three current copies" },
    );

    const leads = async (): Promise<boolean> => {
      if ((await cluster.leaderOf(jsm, "S")).name === crashed.name) return true;
      await broker.nc.request("$JS.API.STREAM.LEADER.STEPDOWN.S", undefined, { timeout: 2_000 });
      return false;
    };
    // Whoever steps down hands over to either of the others, by chance.
    await until(leads, { within: 80_000, every: 500, what: "the member that had crashed to lead" });
    const fresh = await jetstreamManager(broker.nc, { timeout: 5_000 });
    expect((await stored(fresh)).toSorted((a, b) => a - b)).toEqual(upTo(3 * WINDOW));
    await broker.close();
  },
);
