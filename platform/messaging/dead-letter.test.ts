import { headers } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import { buryEvent } from "./dead-letter.ts";
import { toDelivery } from "./delivery.ts";

test("an event that is buried twice is stored once, also when it had a message id of its own", async () => {
  await using nats = await startNats();
  const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  await broker.jsm.streams.add({ name: "SOURCE", subjects: ["source"] });
  await broker.jsm.streams.add({ name: "DEAD", subjects: ["dead"] });
  await broker.jsm.consumers.add("SOURCE", { durable_name: "reader", ack_policy: "explicit" });
  await broker.js.publish("source", "poison", { msgID: "its own", headers: headers() });
  const message = await (await broker.js.consumers.get("SOURCE", "reader")).next();
  const delivery = toDelivery(message!);
  const now = new Date();
  const burial = {
    delivery,
    line: 0,
    consumer: "reader",
    reason: "unreadable",
    errorClass: "InvalidEvent",
    attempts: 1,
    firstFailure: now,
    lastFailure: now,
  };
  await buryEvent(broker, "dead", burial);
  await buryEvent(broker, "dead", burial);
  expect((await broker.jsm.streams.info("DEAD")).state.messages).toBe(1);
  await broker.close();
});
