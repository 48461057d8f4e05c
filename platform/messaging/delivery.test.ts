import { headers } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import { linesOf, toDelivery } from "./delivery.ts";
import { headersOf, mayHaveHeader } from "./headers-of.ts";
import { storedIn } from "./place-in-stream.ts";

test("what is kept of a message tells its lines, its headers and its place, also when it came in pieces", async () => {
  await using nats = await startNats();
  const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  await broker.jsm.streams.add({ name: "S", subjects: ["s.x"] });
  await broker.jsm.consumers.add("S", { durable_name: "reader", ack_policy: "explicit" });
  // The last one is larger than what the socket gives at once.
  const bodies = ["a", "b\nc", Array.from({ length: 4_000 }, () => "x".repeat(100)).join("\n")];
  const carried = headers();
  carried.set("Traced", "yes");
  for (const [index, body] of bodies.entries())
    await broker.js.publish("s.x", body, index === 0 ? {} : { headers: carried });
  const consumer = await broker.js.consumers.get("S", "reader");
  for (const [index, body] of bodies.entries()) {
    const message = await consumer.next();
    const delivery = toDelivery(message!);
    expect(linesOf(delivery).map(String).join("\n")).toBe(body);
    expect(delivery).toMatchObject({ sequence: index + 1, attempt: 1, size: body.split("\n").length });
    expect(headersOf(delivery)?.get("Traced")).toBe(index === 0 ? undefined : "yes");
    expect([mayHaveHeader(delivery, "Traced"), mayHaveHeader(delivery, "Other")]).toEqual([index > 0, false]);
    const { stream, timestampNanos } = message!.info;
    expect(storedIn(delivery.ackSubject)).toEqual({ stream, timestampNanos });
  }
  await broker.close();
});
