import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectBroker } from "./connect.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { readLag, watchLag } from "./watch-lag.ts";

const logger = pino({ level: "silent" });
const consumer = { stream: "S", name: "worker", filterSubject: "s.mine", ackWaitMs: 30_000 };

const streamOfTwoSubjects = async () => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  const spec = { name: "S", subjects: ["s.>"], maxAgeMs: 3_600_000, maxBytes: 64 * 1_024 * 1_024 };
  await ensureStream(broker.jsm, spec, 1, logger);
  await ensureConsumer(broker.jsm, consumer);
  const dispose = async (): Promise<void> => {
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { broker, [Symbol.asyncDispose]: dispose };
};

type Env = Awaited<ReturnType<typeof streamOfTwoSubjects>>;

const take = async ({ broker }: Env, count: number) => {
  const durable = await broker.js.consumers.get("S", "worker");
  const taken = [];
  for await (const message of await durable.fetch({ max_messages: count, expires: 10_000 }))
    taken.push(message);
  return taken;
};

const storedAt = async ({ broker }: Env, seq: number): Promise<number> =>
  (await broker.jsm.streams.getMessage("S", { seq }))!.time.getTime();

test("the oldest unacknowledged message is the consumer's own, delivered or not", async () => {
  await using env = await streamOfTwoSubjects();
  const { broker } = env;
  const now = Date.now() + 60_000;
  const lag = () => readLag(broker, consumer, () => now);
  await broker.js.publish("s.other", "1");
  expect(await lag()).toEqual({ pending: 0, ackPending: 0, oldestUnackedMs: 0 });
  for (const n of [2, 3, 4]) await broker.js.publish("s.mine", String(n));
  await broker.js.publish("s.other", "5");
  expect(await lag()).toEqual({ pending: 3, ackPending: 0, oldestUnackedMs: now - (await storedAt(env, 2)) });

  const [first, second] = await take(env, 2);
  // The younger one is done: the older one, delivered and not acknowledged, still sets the age.
  second!.ack();
  await until(async () => (await lag()).ackPending === 1);
  expect(await lag()).toEqual({ pending: 1, ackPending: 1, oldestUnackedMs: now - (await storedAt(env, 2)) });
  first!.ack();
  await until(async () => (await lag()).ackPending === 0);
  expect(await lag()).toEqual({ pending: 1, ackPending: 0, oldestUnackedMs: now - (await storedAt(env, 4)) });
  const [last] = await take(env, 1);
  last!.ack();
  await until(async () => (await lag()).oldestUnackedMs === 0);
});

test("what was purged has no age any more", async () => {
  await using env = await streamOfTwoSubjects();
  for (const n of [1, 2, 3]) await env.broker.js.publish("s.mine", String(n));
  await env.broker.jsm.streams.purge("S", { seq: 3 });
  const now = Date.now();
  const { pending, oldestUnackedMs } = await readLag(env.broker, consumer, () => now + 1_000);
  expect(pending).toBe(1);
  expect(oldestUnackedMs).toBe(now + 1_000 - (await storedAt(env, 3)));
});

test("/metrics shows the lag, delivered or not, and the age", async () => {
  await using env = await streamOfTwoSubjects();
  for (const n of [1, 2, 3]) await env.broker.js.publish("s.mine", String(n));
  await take(env, 1);
  const registry = new Registry();
  const stop = watchLag(env.broker, consumer, createConsumerMetrics(registry), 20);
  const shown = await until(async () => {
    const text = await registry.metrics();
    return /consumer_oldest_unacked_seconds\{consumer="worker"\} [\d.]+/.test(text) && text;
  });
  expect(shown).toContain('consumer_lag_messages{consumer="worker"} 3');
  expect(shown).toContain('consumer_pending_messages{consumer="worker"} 2');
  expect(shown).toContain('consumer_ack_pending_messages{consumer="worker"} 1');
  stop();
});
