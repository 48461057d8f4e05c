import { headers } from "@nats-io/nats-core";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import { createAnswers } from "./answers.ts";
import { createBatchGatherer } from "./batch-gatherer.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { createDeadlineKeeper } from "./deadline-keeper.ts";
import { type Delivery, toDelivery } from "./delivery.ts";
import { done, type Handler } from "./outcome.ts";
import { pullMessages } from "./pull-messages.ts";
import { readAgain } from "./read-again.ts";
import { runBatch } from "./run-batch.ts";
import { createSettle } from "./settle.ts";

const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });
const CONSUMER = { stream: "S", name: "worker", filterSubject: "s.x", ackWaitMs: 30_000 };

type Event = { n: number };

const openReader = async (handle: Handler<Event>) => {
  const nats = await startNats();
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  await broker.jsm.streams.add({ name: "S", subjects: ["s.x"] });
  await broker.jsm.streams.add({ name: "DEAD", subjects: ["dead"] });
  const stopping = new AbortController();
  const metrics = createConsumerMetrics(new Registry());
  const answers = createAnswers(broker.nc);
  const settle = createSettle({
    broker,
    answers,
    logger,
    metrics,
    consumer: CONSUMER.name,
    deadLetterSubject: "dead",
    schedule: { baseMs: 10, capMs: 100 },
    maxAttempts: 5,
  });
  const deps = {
    logger,
    metrics,
    consumer: CONSUMER.name,
    handle,
    settle,
    answers,
    stopping: stopping.signal,
  };
  const decode = (json: unknown): Event => json as Event;
  const gatherer = createBatchGatherer<Delivery>((items) => runBatch({ ...deps, decode }, items), {
    events: 50,
    maxEvents: 200,
    lingerMs: 5,
    maxInAir: 2,
  });
  const deadlines = createDeadlineKeeper<Delivery>(CONSUMER.ackWaitMs, answers.working);
  const puller = {
    filterSubject: CONSUMER.filterSubject,
    gatherer,
    deadlines,
    answers,
    patienceMs: 1_000,
    stopping: stopping.signal,
  };
  return {
    broker,
    publish: async (from: number, to: number) => {
      for (let n = from; n < to; n++)
        await broker.js.publish("s.x", JSON.stringify({ n }), { msgID: `event-${n}`, headers: headers() });
    },
    read: () =>
      readAgain(
        broker,
        CONSUMER,
        (consumer) => Promise.resolve(pullMessages(puller, consumer, 100, toDelivery)),
        stopping.signal,
      ),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      deadlines.stop();
      await broker.close();
      await nats[Symbol.asyncDispose]();
    },
  };
};

test("what the stream holds comes again, also while more is published, and no consumer stays behind", async () => {
  const seen = new Map<number, number>();
  await using reader = await openReader((events) => {
    for (const { n } of events) seen.set(n, (seen.get(n) ?? 0) + 1);
    return Promise.resolve(events.map(() => done));
  });
  await reader.publish(0, 300);
  const reading = reader.read();
  const publishing = reader.publish(300, 600);
  await reading;
  expect([...seen.keys()].filter((n) => n < 300)).toHaveLength(300);
  await publishing;
  expect((await reader.broker.jsm.streams.info("S")).state.consumer_count).toBe(0);
});

test("what fails is tried again, and what is refused is buried under its worker's name, once", async () => {
  const attempts = new Map<number, number>();
  await using reader = await openReader((events) => {
    for (const { n } of events) attempts.set(n, (attempts.get(n) ?? 0) + 1);
    return Promise.resolve(
      events.map(({ n }) => {
        if (n === 7) return { kind: "dead", reason: "seven", errorClass: "Refused" } as const;
        if (n === 8 && attempts.get(n)! < 3) return { kind: "retry", reason: "not yet" } as const;
        return done;
      }),
    );
  });
  await reader.publish(0, 20);
  await reader.read();
  await reader.read();
  expect(attempts.get(8)).toBe(4);
  const buried = await reader.broker.jsm.streams.getMessage("DEAD", { last_by_subj: "dead" });
  expect(buried!.header.get("Dead-Letter-Consumer")).toBe("worker");
  expect(buried!.seq).toBe(1);
});

test("an empty stream is read at once", async () => {
  await using reader = await openReader((events) => Promise.resolve(events.map(() => done)));
  await until(() => reader.read().then(() => true));
});
