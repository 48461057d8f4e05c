import { pino } from "pino";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectBroker } from "./connect.ts";
import { ensureStream } from "./provision-streams.ts";
import { openRange } from "./read-range.ts";
import type { OpenRange } from "./read-range.ts";

const logger = pino({ level: "silent" });
const LONG_AGO = new Date(0);
const never = new AbortController().signal;

const streamOfItsOwn = async () => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  const spec = { name: "S", subjects: ["s.>"], maxAgeMs: 3_600_000, maxBytes: 64 * 1_024 * 1_024 };
  await ensureStream(broker.jsm, spec, 1, logger);
  const publish = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) await broker.js.publish("s.mine", String(n));
  };
  const range = { stream: "S", filterSubject: "s.mine" };
  const dispose = async (): Promise<void> => {
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, broker, publish, range, [Symbol.asyncDispose]: dispose };
};

const readAll = async (open: OpenRange, onBatch: () => Promise<unknown> = async () => {}) => {
  const bodies: number[] = [];
  for await (const messages of open.read(never)) {
    bodies.push(...messages.map((message) => Number(message.string())));
    await onBatch();
  }
  return bodies;
};

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test("a range gives its own messages in order, once, and nothing that is published meanwhile", async () => {
  await using env = await streamOfItsOwn();
  await env.broker.js.publish("s.other", "x");
  await env.publish(0, 250);
  await env.broker.js.publish("s.other", "x");
  const open = await openRange(env.broker, { ...env.range, from: LONG_AGO });
  expect(open.messages).toBe(250);
  expect(await readAll(open, () => env.publish(1_000, 1_010))).toEqual(numbers(0, 250));
  await until(async () => (await env.broker.jsm.consumers.list("S").next()).length === 0);
});

test("from is within the range and to is not", async () => {
  await using env = await streamOfItsOwn();
  const pause = (ms: number) => {
    const started = Date.now();
    return until(() => Date.now() - started > ms);
  };
  await env.publish(0, 5);
  await pause(5);
  const from = new Date();
  await env.publish(5, 12);
  await pause(5);
  const to = new Date();
  await env.publish(12, 20);
  const open = await openRange(env.broker, { ...env.range, from, to });
  expect(open.messages).toBe(7);
  expect(await readAll(open)).toEqual(numbers(5, 12));
  const empty = await openRange(env.broker, { ...env.range, from: new Date(Date.now() + 60_000) });
  expect(empty.messages).toBe(0);
});

test("a broker that is killed while it is read is read on where it was cut off", async () => {
  await using env = await streamOfItsOwn();
  await env.publish(0, 350);
  const open = await openRange(env.broker, { ...env.range, from: LONG_AGO });
  let batches = 0;
  const bodies = await readAll(open, async () => {
    if (++batches !== 2) return;
    await env.server.kill();
    await env.server.restart();
    await until(() => env.broker.connected());
  });
  expect(bodies).toEqual(numbers(0, 350));
});

test("what is purged while it is read ends the reading, it does not wait for it", async () => {
  await using env = await streamOfItsOwn();
  await env.publish(0, 150);
  const open = await openRange(env.broker, { ...env.range, from: LONG_AGO });
  const bodies = await readAll(open, () => env.broker.jsm.streams.purge("S"));
  expect(bodies).toEqual(numbers(0, 100));
});

test("a stream that is not there is said to be so", async () => {
  await using env = await streamOfItsOwn();
  await expect(openRange(env.broker, { ...env.range, stream: "NONE", from: LONG_AGO })).rejects.toThrow(
    "stream not found",
  );
});
