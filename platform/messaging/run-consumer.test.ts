import { setTimeout as sleep } from "node:timers/promises";
import type { JsMsg } from "@nats-io/jetstream";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectBroker } from "./connect.ts";
import type { Broker } from "./connect.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { dead, done, retry } from "./outcome.ts";
import type { Handler } from "./outcome.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { runConsumer } from "./run-consumer.ts";
import type { ConsumerRun } from "./consumer-run.ts";

const logger = pino({ level: "silent" });
const spec = (name: string, subject: string) => ({
  name,
  subjects: [subject],
  maxAgeMs: 3_600_000,
  maxBytes: 256 * 1_024 * 1_024,
});
const consumer = { stream: "S", name: "worker", filterSubject: "s.x", ackWaitMs: 5_000 };
const PERMANENT = Object.assign(new Error("value out of range"), { code: "22003" });

type Numbered = { n: number };

const start = (
  broker: Broker,
  handle: Handler<Numbered>,
  options: Partial<
    Pick<ConsumerRun<Numbered>, "maxAttempts" | "deadLetterSubject" | "takes" | "decode" | "batch">
  > = {},
) =>
  runConsumer<Numbered>(
    { broker, logger, metrics: createConsumerMetrics(new Registry()) },
    {
      consumer,
      deadLetterSubject: "dead-letters.S",
      ensure: async () => {
        await ensureStream(broker.jsm, spec("S", "s.x"), 1, logger);
        await ensureStream(broker.jsm, spec("DEAD", "dead-letters.>"), 1, logger);
        await ensureConsumer(broker.jsm, consumer);
      },
      decode: (json) => json as Numbered,
      handle,
      retryBaseMs: 10,
      ...options,
    },
  );

const brokerOfItsOwn = async () => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  await ensureStream(broker.jsm, spec("S", "s.x"), 1, logger);
  await ensureStream(broker.jsm, spec("DEAD", "dead-letters.>"), 1, logger);
  const dispose = async (): Promise<void> => {
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, broker, [Symbol.asyncDispose]: dispose };
};

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => JSON.stringify({ n: from + i })).join("\n");

const settled = (broker: Broker, messages: number) =>
  until(
    async () => {
      const info = await broker.jsm.consumers.info("S", "worker");
      return info.ack_floor.stream_seq >= messages && info.num_ack_pending === 0;
    },
    { what: "every message settled" },
  );

const deadLetters = async (broker: Broker): Promise<number> =>
  (await broker.jsm.streams.info("DEAD")).state.messages;

test("a poison among 500 events goes to the dead letters and the 499 others are done at once", async () => {
  await using env = await brokerOfItsOwn();
  const seen = new Set<number>();
  const handle: Handler<Numbered> = async (events) => {
    if (events.some(({ n }) => n === 137)) throw PERMANENT;
    for (const { n } of events) seen.add(n);
    return events.map(() => done);
  };
  for (let i = 0; i < 500; i += 50) await env.broker.js.publish("s.x", lines(i, i + 50));
  const running = start(env.broker, handle);
  await until(() => seen.size === 499);
  await settled(env.broker, 10);
  expect(await deadLetters(env.broker)).toBe(1);
  await running.stop();
});

test("a dead letter keeps the event's own bytes and says what happened to it", async () => {
  await using env = await brokerOfItsOwn();
  const poison = Buffer.from('{"n": 1,  "odd":"\\u00e9 é"');
  await env.broker.js.publish(
    "s.x",
    Buffer.concat([Buffer.from('{"n":0}\n'), poison, Buffer.from('\n{"n":2}')]),
    {
      msgID: "first",
    },
  );
  const seen: number[] = [];
  const running = start(env.broker, async (events) => {
    seen.push(...events.map(({ n }) => n));
    return events.map(() => done);
  });
  await settled(env.broker, 1);
  const letter = await env.broker.jsm.streams.getMessage("DEAD", { last_by_subj: "dead-letters.S" });
  expect(Buffer.from(letter!.data).equals(poison)).toBe(true);
  expect(letter!.header.get("Dead-Letter-Error-Class")).toBe("SyntaxError");
  expect(letter!.header.get("Dead-Letter-Stream")).toBe("S");
  expect(letter!.header.get("Dead-Letter-Sequence")).toBe("1");
  expect(letter!.header.get("Dead-Letter-Line")).toBe("1");
  expect(letter!.header.get("Dead-Letter-Attempts")).toBe("1");
  expect(letter!.header.get("Original-Nats-Msg-Id")).toBe("first");
  expect(seen).toEqual([0, 2]);
  await running.stop();
});

test("an event that never succeeds is delivered the permitted number of times, then dead", async () => {
  await using env = await brokerOfItsOwn();
  await env.broker.js.publish("s.x", '{"n":1}');
  let attempts = 0;
  const running = start(
    env.broker,
    async (events) => {
      attempts += 1;
      return events.map(() => retry("not yet"));
    },
    { maxAttempts: 3 },
  );
  await settled(env.broker, 1);
  expect(attempts).toBe(3);
  expect(await deadLetters(env.broker)).toBe(1);
  await running.stop();
});

test("an event refused beside one that is retried is buried once", async () => {
  await using env = await brokerOfItsOwn();
  await env.broker.js.publish("s.x", lines(0, 2));
  let retries = 0;
  const running = start(env.broker, async (events) =>
    events.map(({ n }) => {
      if (n === 0) return dead("refused");
      return ++retries < 4 ? retry("not yet", 5) : done;
    }),
  );
  await settled(env.broker, 1);
  expect(retries).toBe(4);
  expect(await deadLetters(env.broker)).toBe(1);
  await running.stop();
});

test("a consumer that may bury nothing keeps what cannot be handled, and goes on with the rest", async () => {
  await using env = await brokerOfItsOwn();
  const seen: number[] = [];
  const running = start(
    env.broker,
    async (events) => {
      seen.push(...events.map(({ n }) => n));
      return events.map(({ n }) => (n === 2 ? dead("refused") : done));
    },
    {
      maxAttempts: 1,
      deadLetterSubject: undefined,
      takes: "messages",
      decode: (message) => ({ n: Number((message as JsMsg).string()) }),
    },
  );
  for (const body of ["1", "2", "3\n"]) await env.broker.js.publish("s.x", body);
  await until(() => seen.includes(3));
  await until(async () => (await env.broker.jsm.consumers.info("S", "worker")).num_ack_pending === 1);
  expect(new Set(seen)).toEqual(new Set([1, 2, 3]));
  expect(seen).toHaveLength(3);
  expect(await deadLetters(env.broker)).toBe(0);
  await running.stop();
});

test("a server that is away costs no attempt: the batch is held until it is back", async () => {
  await using env = await brokerOfItsOwn();
  await env.broker.js.publish("s.x", lines(0, 20));
  let calls = 0;
  const running = start(
    env.broker,
    async (events) => {
      calls += 1;
      if (calls < 4) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
      return events.map(() => done);
    },
    { maxAttempts: 1 },
  );
  await settled(env.broker, 1);
  expect(calls).toBe(4);
  expect(await deadLetters(env.broker)).toBe(0);
  await running.stop();
});

test("a deleted consumer and a deleted stream are made again and consumed on", async () => {
  await using env = await brokerOfItsOwn();
  const seen: number[] = [];
  const running = start(env.broker, async (events) => {
    seen.push(...events.map(({ n }) => n));
    return events.map(() => done);
  });
  await until(() => env.broker.jsm.consumers.info("S", "worker"));
  await env.broker.jsm.consumers.delete("S", "worker");
  await env.broker.js.publish("s.x", '{"n":1}');
  await until(() => seen.includes(1));
  await env.broker.jsm.streams.delete("S");
  await until(async () => env.broker.js.publish("s.x", '{"n":2}', { timeout: 500 }));
  await until(() => seen.includes(2));
  await running.stop();
});

test("a broker killed in the middle loses nothing that it had acknowledged", async () => {
  await using env = await brokerOfItsOwn();
  const seen = new Set<number>();
  const running = start(env.broker, async (events) => {
    for (const { n } of events) seen.add(n);
    await sleep(5);
    return events.map(() => done);
  });
  for (let i = 0; i < 3_000; i += 10) await env.broker.js.publish("s.x", lines(i, i + 10));
  await env.server.kill();
  await env.server.restart();
  await until(() => seen.size === 3_000, { what: "3000 events handled" });
  await settled(env.broker, 300);
  await running.stop();
}, 60_000);

test("after a long hold the worker goes on with what it can hold, not with all that it might have asked for", async () => {
  await using env = await brokerOfItsOwn();
  const { broker } = env;
  for (let n = 0; n < 20_000; n++) broker.nc.publish("s.x", JSON.stringify({ n }));
  await broker.nc.flush();
  const pending = async (): Promise<number> =>
    (await broker.jsm.consumers.info("S", "worker")).num_ack_pending;
  const release = Promise.withResolvers<void>();
  let handled = 0;
  const worker = start(
    broker,
    async (events) => {
      await release.promise;
      handled += events.length;
      await sleep(20);
      return events.map(() => done);
    },
    { batch: { maxEvents: 2_000 } },
  );
  await until(async () => (await pending()) > 3_000, { what: "the worker being full" });
  // Past several missed heartbeats and the ack deadline.
  await sleep(12_000);
  release.resolve();
  let most = 0;
  await until(
    async () => {
      most = Math.max(most, await pending());
      return handled > 15_000;
    },
    { every: 10 },
  );
  // docs/architecture.md, Delivery: two batches in the air, one gathered, and what is fetched ahead. 20,000 wait.
  expect(most).toBeLessThanOrEqual(3 * 2_000 + 5_000);
  await worker.stop();
});
