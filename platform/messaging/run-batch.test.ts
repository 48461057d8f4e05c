import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import type { Delivery } from "./delivery.ts";
import { done } from "./outcome.ts";
import type { Handler } from "./outcome.ts";
import { runBatch } from "./run-batch.ts";

const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
const delivery = (): Delivery => ({
  sequence: 1,
  attempt: 1,
  subject: "s.x",
  ackSubject: "",
  body: Buffer.from('{"n":1}'),
  headerBytes: 0,
  size: 1,
  ended: false,
  whole: undefined,
});

const run = (handle: Handler<unknown>, stopping: AbortSignal) => {
  const metrics = createConsumerMetrics(new Registry());
  const running = runBatch(
    {
      logger: pino({ level: "silent" }),
      metrics,
      consumer: "worker",
      decode: (json) => json,
      handle,
      settle: () => {},
      answers: { nak: () => {} },
      stopping,
    },
    [delivery()],
  );
  const held = async () => (await metrics.held.get()).values[0]?.value ?? 0;
  return { running, held };
};

test("a batch counts as held until it is through, also while it is tried again", async () => {
  const again = Promise.withResolvers<void>();
  const through = Promise.withResolvers<void>();
  let calls = 0;
  const { running, held } = run(async () => {
    calls += 1;
    if (calls === 1) throw refused;
    again.resolve();
    await through.promise;
    return [done];
  }, new AbortController().signal);
  await again.promise;
  expect(await held()).toBe(1);
  through.resolve();
  await running;
  expect(await held()).toBe(0);
});

test("a batch that is given back because the process stops is held no more", async () => {
  const stop = new AbortController();
  const { running, held } = run(async () => {
    throw refused;
  }, stop.signal);
  await until(async () => (await held()) === 1);
  stop.abort();
  await running;
  expect(await held()).toBe(0);
});

test("a batch that goes through at once was never held", async () => {
  const { running, held } = run(async () => [done], new AbortController().signal);
  await running;
  expect(await held()).toBe(0);
});
