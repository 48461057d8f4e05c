import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { errors, headers } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { expect, test } from "vitest";
import { prepareNats } from "../../stack/servers/nats.ts";
import { startOnOwnPort } from "../../tests/harness/own-port.ts";
import { until } from "../../tests/harness/until.ts";
import { createAckInbox } from "./ack-inbox.ts";

/** A broker with a stream of `s.>`, on whose subject `forbidden` nobody may publish. */
const brokerOfItsOwn = async () => {
  const folder = await mkdtemp(join(tmpdir(), "ecs-inbox-"));
  const server = await startOnOwnPort(async (port) => {
    const spec = await prepareNats({ folder, port });
    const user = '{ user: "u", password: "p", permissions: { publish: { deny: "forbidden" } } }';
    await appendFile(join(folder, "nats-server.conf"), `authorization { users: [${user}] }\n`);
    return spec;
  });
  const nc = await connect({ servers: `127.0.0.1:${server.port}`, user: "u", pass: "p" });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: "S", subjects: ["s.>"] });
  const inbox = createAckInbox(nc);
  const publish = (subject: string, { id = "", expected = "", timeout = 2_000 } = {}) => {
    const sent = headers();
    if (id) sent.set("Nats-Msg-Id", id);
    if (expected) sent.set("Nats-Expected-Stream", expected);
    return inbox.publish(subject, "{}", { headers: sent, timeout });
  };
  const stored = async (): Promise<number> => (await jsm.streams.info("S")).state.messages;
  const dispose = async (): Promise<void> => {
    await nc.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { nc, server, publish, stored, [Symbol.asyncDispose]: dispose };
};

test("a publish resolves when it is stored, and when it was stored before", async () => {
  await using env = await brokerOfItsOwn();
  await Promise.all([env.publish("s.a", { id: "1" }), env.publish("s.a", { id: "2" })]);
  await env.publish("s.a", { id: "1" });
  expect(await env.stored()).toBe(2);
});

test("what the stream refuses, nobody stores or nobody may publish fails at once, and nothing else with it", async () => {
  await using env = await brokerOfItsOwn();
  const started = performance.now();
  const [refused, missing, forbidden, good] = await Promise.allSettled([
    env.publish("s.a", { expected: "T", timeout: 30_000 }),
    env.publish("nobody.listens", { timeout: 30_000 }),
    env.publish("forbidden", { timeout: 30_000 }),
    env.publish("s.a", { timeout: 30_000 }),
  ]);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(refused).toMatchObject({ reason: expect.any(JetStreamApiError) as unknown });
  expect(missing).toMatchObject({ reason: expect.any(errors.NoRespondersError) as unknown });
  expect(forbidden).toMatchObject({ reason: expect.any(errors.PermissionViolationError) as unknown });
  expect(good.status).toBe("fulfilled");
  expect(await env.stored()).toBe(1);
});

test("no answer in time is a timeout", async () => {
  await using env = await brokerOfItsOwn();
  env.nc.subscribe("silence", { callback: () => {} });
  await expect(env.publish("silence", { timeout: 100 })).rejects.toThrow(errors.TimeoutError);
});

test("after a reconnection acknowledgements come in as before", async () => {
  await using env = await brokerOfItsOwn();
  await env.publish("s.a");
  await env.server.kill();
  await env.server.restart();
  await until(() => env.publish("s.a", { timeout: 500 }).then(() => true));
  expect(await env.stored()).toBeGreaterThanOrEqual(2);
});

test("what still waits when the connection is closed fails", async () => {
  await using env = await brokerOfItsOwn();
  env.nc.subscribe("silence", { callback: () => {} });
  const waiting = env.publish("silence", { timeout: 60_000 });
  const failed = expect(waiting).rejects.toThrow(errors.ClosedConnectionError);
  await env.nc.close();
  await failed;
});
