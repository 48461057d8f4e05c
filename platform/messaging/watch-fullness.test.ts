import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectBroker } from "./connect.ts";
import { createLinePublisher } from "./line-publisher.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { createPublisherMetrics } from "./publisher-metrics.ts";
import { purgeAcknowledged } from "./purge-acknowledged.ts";
import { watchFullness } from "./watch-fullness.ts";

const logger = pino({ level: "silent" });
const LINE = JSON.stringify({ text: "x".repeat(9_900) });
const CAP = 200_000;
const consumer = { stream: "S", name: "worker", filterSubject: "s.x", ackWaitMs: 30_000 };

const smallStream = async () => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  const spec = { name: "S", subjects: ["s.x"], maxAgeMs: 3_600_000, maxBytes: CAP };
  await ensureStream(broker.jsm, spec, 1, logger);
  await ensureConsumer(broker.jsm, consumer);
  const metrics = new Registry();
  const watched = { stream: "S", shedPercent: 80, everyMs: 10 };
  const watch = watchFullness({ broker, logger, metrics }, watched);
  const deps = { broker, logger, metrics: createPublisherMetrics(metrics) };
  const publisher = createLinePublisher(deps, { nearlyFull: watch.nearlyFull });
  const dispose = async (): Promise<void> => {
    await publisher.stop();
    await watch.stop();
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, broker, metrics, watch, publisher, [Symbol.asyncDispose]: dispose };
};

type Env = Awaited<ReturnType<typeof smallStream>>;

/** Publishes until the intake refuses. Returns what was stored by then, and the refusal. */
const fill = async ({ broker, publisher, watch }: Env) => {
  for (let stored = 0; ; stored++) {
    // Each look has seen what was stored before it.
    const { bytes } = (await broker.jsm.streams.info("S")).state;
    await until(() => watch.detail().bytes === bytes);
    const refusal = await publisher.publish("s.x", LINE).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal) return { stored, refusal, bytes };
  }
};

const acknowledge = async ({ broker }: Env, count: number): Promise<void> => {
  const durable = await broker.js.consumers.get("S", "worker");
  for await (const message of await durable.fetch({ max_messages: count, expires: 10_000 })) message.ack();
  await until(async () => (await broker.jsm.consumers.info("S", "worker")).num_ack_pending === 0);
};

test("from 80 % of the cap on events are refused without asking the broker, before the stream itself refuses", async () => {
  await using env = await smallStream();
  const { stored, refusal, bytes } = await fill(env);
  expect(bytes / CAP).toBeGreaterThanOrEqual(0.8);
  expect(bytes / CAP).toBeLessThan(0.9);
  expect(refusal).toMatchObject({ code: "event_not_stored" });
  expect((refusal as { retryAfter: number }).retryAfter).toBeGreaterThanOrEqual(1);
  expect(stored).toBe((await env.broker.jsm.streams.info("S")).state.messages);
  expect(env.watch.detail()).toEqual({ bytes, maxBytes: CAP, shedding: true });
  const shown = await env.metrics.metrics();
  expect(shown).toContain('events_shed_total{reason="stream_full"} 1');
  expect(shown).toContain('stream_shedding{stream="S"} 1');
});

test("what the worker has done is purged below the threshold, and intake takes events again by itself", async () => {
  await using env = await smallStream();
  const { stored } = await fill(env);
  expect(await purgeAcknowledged(env.broker, consumer, logger)).toBe(0);
  await acknowledge(env, stored);
  expect(await purgeAcknowledged(env.broker, consumer, logger)).toBe(stored);
  await until(() => !env.watch.nearlyFull());
  await env.publisher.publish("s.x", LINE);
});

test("a worker that keeps up is purged behind in time: intake never has to refuse", async () => {
  await using env = await smallStream();
  for (let n = 1; n <= 40; n++) {
    await env.publisher.publish("s.x", LINE);
    await acknowledge(env, 1);
    await purgeAcknowledged(env.broker, consumer, logger);
    expect(env.watch.nearlyFull()).toBe(false);
  }
});

test("while the broker cannot be asked, what was known stands", async () => {
  await using env = await smallStream();
  await fill(env);
  await env.server.kill();
  await until(() => !env.broker.connected());
  expect(env.watch.nearlyFull()).toBe(true);
  await env.server.restart();
  await until(() => env.broker.connected());
  await env.broker.jsm.streams.purge("S");
  await until(() => !env.watch.nearlyFull());
});
