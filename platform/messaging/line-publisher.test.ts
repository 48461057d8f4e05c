import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { AppError } from "../errors/app-error.ts";
import { connectBroker } from "./connect.ts";
import { createLinePublisher } from "./line-publisher.ts";
import { ensureStream } from "./provision-streams.ts";
import { PUBLISH_TIMING } from "./publish-with-retry.ts";
import { createPublisherMetrics } from "./publisher-metrics.ts";

const logger = pino({ level: "silent" });

const brokerOfItsOwn = async (maxBytes = 64 * 1_024 * 1_024) => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  await ensureStream(broker.jsm, { name: "S", subjects: ["s.>"], maxAgeMs: 3_600_000, maxBytes }, 1, logger);
  const registry = new Registry();
  const metrics = createPublisherMetrics(registry);
  const dispose = async (): Promise<void> => {
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, broker, metrics, registry, logger, [Symbol.asyncDispose]: dispose };
};

const failureOf = (promise: Promise<void>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test("events of one turn share a message, and each is answered once it is stored", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env);
  await Promise.all(Array.from({ length: 300 }, (_, n) => publisher.publish("s.a", `{"n":${n}}`)));
  const { state } = await env.broker.jsm.streams.info("S");
  expect(state.messages).toBe(2);
  const first = await env.broker.jsm.streams.getMessage("S", { seq: 1 });
  expect(first!.string().split("\n")).toHaveLength(256);
  expect(first!.header.get("Content-Type")).toBe("application/x-ndjson");
  await publisher.stop();
});

test("bundles are messages of their own, and wait while half of the room is used", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env, { maxInFlight: { lines: 100, bytes: 1_000_000 } });
  const bundle = { body: Buffer.from(Array.from({ length: 60 }, () => "{}").join("\n")), lines: 60 };
  const { stored } = await publisher.publishBundle("s.a", bundle);
  const next = publisher.publishBundle("s.a", bundle);
  const first = await Promise.race([stored.then(() => "stored"), next.then(() => "next")]);
  await (
    await next
  ).stored;
  expect(first).toBe("stored");
  const { state } = await env.broker.jsm.streams.info("S");
  expect(state.messages).toBe(2);
  const message = await env.broker.jsm.streams.getMessage("S", { seq: 1 });
  expect(message!.string().split("\n")).toHaveLength(60);
  await publisher.stop();
  await expect((await publisher.publishBundle("s.a", bundle)).stored).rejects.toMatchObject({
    code: "event_not_stored",
  });
});

test("an event alone carries its trace; several together carry none", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env);
  await publisher.publish("s.a", "{}", "00-trace");
  await Promise.all([publisher.publish("s.a", "{}", "00-one"), publisher.publish("s.a", "{}", "00-two")]);
  const [alone, together] = await Promise.all(
    [1, 2].map((seq) => env.broker.jsm.streams.getMessage("S", { seq })),
  );
  expect(alone!.header.get("traceparent")).toBe("00-trace");
  expect(together!.header.has("traceparent")).toBe(false);
  await publisher.stop();
});

test("with the broker gone an event is refused without a try, and taken again when it is back", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env);
  await publisher.publish("s.a", '{"n":1}');
  await env.server.kill();
  await until(() => !env.broker.connected());
  const error = await failureOf(publisher.publish("s.a", '{"n":2}'));
  expect(error).toBeInstanceOf(AppError);
  expect(await env.registry.metrics()).toContain('events_shed_total{reason="disconnected"} 1');
  expect(error).toMatchObject({ code: "event_not_stored" });
  expect((error as AppError).retryAfter).toBeGreaterThanOrEqual(1);
  await env.server.restart();
  await until(() => env.broker.connected());
  await publisher.publish("s.a", '{"n":3}');
  expect((await env.broker.jsm.streams.info("S")).state.messages).toBe(2);
  await publisher.stop();
});

test("a full stream refuses at once, without attempts that cannot help", async () => {
  await using env = await brokerOfItsOwn(64 * 1_024);
  const publisher = createLinePublisher(env);
  const line = JSON.stringify({ text: "x".repeat(8_000) });
  const failures: unknown[] = [];
  for (let i = 0; i < 13; i++) failures.push(await failureOf(publisher.publish("s.a", line)));
  expect(failures.at(-1)).toMatchObject({ code: "event_not_stored" });
  const stored = failures.filter((failure) => failure === undefined).length;
  expect((await env.broker.jsm.streams.info("S")).state.messages).toBe(stored);
  // Another attempt would have made it a failure that may pass.
  expect(await env.registry.metrics()).toContain(
    `events_publish_failed_total{subject="s.a",failure="full"} ${13 - stored}\n`,
  );
  await publisher.stop();
});

test("more than may be under way is refused at once; what is under way is stored", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env, { maxInFlight: { lines: 3, bytes: 1_000 } });
  const results = await Promise.all(
    Array.from({ length: 5 }, () => failureOf(publisher.publish("s.a", "{}"))),
  );
  expect(results.filter((result) => result === undefined)).toHaveLength(3);
  expect(results.at(-1)).toMatchObject({ code: "event_not_stored" });
  await publisher.publish("s.a", "{}");
  await publisher.stop();
});

test("a stream that is missing costs the whole budget, six to nine seconds, and then says so", async () => {
  await using env = await brokerOfItsOwn();
  const publisher = createLinePublisher(env);
  const started = performance.now();
  const error = await failureOf(publisher.publish("nobody.listens", "{}"));
  expect(error).toMatchObject({ code: "event_not_stored" });
  expect(performance.now() - started).toBeGreaterThanOrEqual(6_000);
  // The last attempt begins within the one, and may take the other.
  expect(PUBLISH_TIMING.budgetMs + PUBLISH_TIMING.attemptMs).toBeLessThan(9_000);
  await publisher.stop();
});
