import { pino } from "pino";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectBroker } from "./connect.ts";
import { ensureConsumer } from "./provision-consumers.ts";
import { ensureStream } from "./provision-streams.ts";
import { purgeAcknowledged } from "./purge-acknowledged.ts";

test("only what every consumer has acknowledged is purged, and only when the stream is filling up", async () => {
  await using server = await startNats();
  const logger = pino({ level: "silent" });
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  const spec = { name: "S", subjects: ["s.x"], maxAgeMs: 3_600_000, maxBytes: 100_000 };
  await ensureStream(broker.jsm, spec, 1, logger);
  for (const name of ["fast", "slow"])
    await ensureConsumer(broker.jsm, { stream: "S", name, filterSubject: "s.x", ackWaitMs: 30_000 });
  for (let n = 0; n < 8; n++) await broker.js.publish("s.x", "x".repeat(10_000));
  const acknowledge = async (name: string, count: number): Promise<void> => {
    const consumer = await broker.js.consumers.get("S", name);
    const messages = await consumer.fetch({ max_messages: count, expires: 10_000 });
    for await (const message of messages) message.ack();
    await until(async () => (await broker.jsm.consumers.info("S", name)).ack_floor.stream_seq === count);
  };
  await acknowledge("fast", 7);
  expect(await purgeAcknowledged(broker, { stream: "S", name: "slow" }, logger)).toBe(0);
  await acknowledge("slow", 3);
  expect(await purgeAcknowledged(broker, { stream: "S", name: "slow" }, logger, 0.95)).toBe(0);
  expect(await purgeAcknowledged(broker, { stream: "S", name: "slow" }, logger)).toBe(3);
  expect((await broker.jsm.streams.info("S")).state.first_seq).toBe(4);
  for (let n = 0; n < 3; n++) await broker.js.publish("s.x", "x".repeat(10_000));
  // The owner is gone and will be made again, to get everything from the start.
  await broker.jsm.consumers.delete("S", "slow");
  expect(await purgeAcknowledged(broker, { stream: "S", name: "slow" }, logger)).toBe(0);
  await broker.close();
});
