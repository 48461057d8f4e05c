import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { CLOSE_CODES, SOCKET_LIMITS } from "../../contracts/http/emotion-socket.ts";
import { GATEWAY_KEY, INTERNAL_KEY, NOBODY, startGateway, tokenOf } from "../../gateway/gateway.fixture.ts";
import { createApp } from "../../ingestion/app.ts";
import { serveEmotionSocket } from "../../ingestion/socket/serve-emotion-socket.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { createHealth } from "../../platform/http/health.ts";
import { serveHttp } from "../../platform/http/serve.ts";
import { until } from "../harness/until.ts";
import { connectDevice } from "./device.ts";

const KEY = { "x-internal-key": INTERNAL_KEY };

/** A real gateway in front of a real intake, whose broker answers when it is told to. */
const setUp = async (settings: Record<string, string> = {}) => {
  const stack = new AsyncDisposableStack();
  const broker = { lines: [] as string[], asked: 0, failing: false, gate: Promise.resolve() };
  const logger = pino({ level: "silent" });
  const metrics = new Registry();
  const publisher = {
    publish: async (_subject: string, line: string) => {
      broker.asked++;
      await broker.gate;
      if (broker.failing) throw new AppError("event_not_stored", "The broker cannot be reached");
      broker.lines.push(line);
    },
    publishBundle: () => Promise.reject(new Error("no batch is sent here")),
  };
  const sockets = serveEmotionSocket(GATEWAY_KEY, { logger, metrics, publisher, now: Date.now });
  const { app, direct } = createApp(
    { GATEWAY_KEY, INGESTION_ROLE: "emotion" },
    {
      logger,
      metrics,
      health: createHealth(),
      publisher,
      commits: { expect: () => expect.unreachable("nobody waits for the database") },
      now: Date.now,
    },
  );
  const intake = await serveHttp(app, {
    host: "127.0.0.1",
    port: 0,
    drainMs: 0,
    direct,
    upgrade: sockets.upgrade,
  });
  stack.defer(async () => {
    await sockets.stop();
    await intake.stop();
  });
  const gateway = stack.use(await startGateway([NOBODY, intake.url], settings));
  return { broker, sockets, intake, gateway, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const emotion = (eventId: string, userId: string = randomUUID()) => ({
  userId,
  timestamp: new Date().toISOString(),
  emotionEvent: { type: "joy", metrics: { positivity: 0.5, intensity: 1, stress_level: 0 } },
  eventId,
});

test("each frame is answered for by its number and id, once the broker has it", async () => {
  await using it = await setUp();
  const device = await connectDevice(it.gateway.url, KEY);
  const opened = Promise.withResolvers<void>();
  it.broker.gate = opened.promise;
  device.send(emotion("a"));
  device.send({ ...emotion("b"), timestamp: "now" });
  device.socket.send("{");
  device.socket.send(Buffer.from("{}"));
  expect(await device.heard(3)).toMatchObject([
    { seq: 2, id: "b", status: "rejected", code: "validation_failed", pointer: "/timestamp" },
    { seq: 3, id: null, status: "rejected", code: "malformed_json" },
    { seq: 4, id: null, status: "rejected", code: "malformed_json" },
  ]);
  opened.resolve();
  expect((await device.heard(4))[3]).toEqual({ seq: 1, id: "a", status: "accepted" });
  it.broker.failing = true;
  device.send(emotion("c"));
  expect((await device.heard(5))[4]).toMatchObject({
    seq: 5,
    id: "c",
    status: "retry",
    code: "event_not_stored",
  });
  device.socket.close();
  expect(await device.closed).toBe(1_005);
});

test("credits come back with the results, and more frames than credits end the connection", async () => {
  await using it = await setUp();
  const device = await connectDevice(it.gateway.url, KEY);
  expect(device.credits()).toBe(SOCKET_LIMITS.window);
  for (let n = 0; n < SOCKET_LIMITS.window; n++) device.send(emotion(`e-${n}`));
  await device.heard(SOCKET_LIMITS.window);
  expect(device.credits()).toBe(SOCKET_LIMITS.window);
  it.broker.gate = new Promise(() => {});
  for (let n = 0; n <= SOCKET_LIMITS.window; n++) device.send(emotion(`f-${n}`));
  expect(await device.closed).toBe(CLOSE_CODES.policy);
});

test("a frame that is too large ends the connection", async () => {
  await using it = await setUp();
  const device = await connectDevice(it.gateway.url, KEY);
  device.socket.send("x".repeat(SOCKET_LIMITS.frameBytes + 1));
  expect(await device.closed).toBe(1_009);
});

test.each([
  ["the client says end", CLOSE_CODES.normal],
  ["the intake stops", CLOSE_CODES.restart],
  ["the gateway stops", CLOSE_CODES.restart],
] as const)("when %s, what was taken is acknowledged before the connection ends", async (how, code) => {
  await using it = await setUp();
  const device = await connectDevice(it.gateway.url, KEY);
  const opened = Promise.withResolvers<void>();
  it.broker.gate = opened.promise;
  for (let n = 0; n < 20; n++) device.send(emotion(`e-${n}`));
  await until(() => it.broker.asked === 20);
  const stopped = {
    "the client says end": undefined,
    "the intake stops": it.sockets,
    "the gateway stops": it.gateway,
  }[how]?.stop();
  if (!stopped) device.send({ type: "end" });
  await until(() => stopped === undefined || device.socket.readyState === device.socket.OPEN);
  device.send(emotion("late"));
  opened.resolve();
  expect(await device.closed).toBe(code);
  await stopped;
  const accepted = device.results.filter(({ status }) => status === "accepted").map(({ id }) => id);
  expect(accepted).toEqual(it.broker.lines.map((line) => (JSON.parse(line) as { eventId: string }).eventId));
  expect(accepted.length).toBeGreaterThanOrEqual(20);
});

test("a connection ends when its token expires, with everything acknowledged", async () => {
  await using it = await setUp();
  const me = randomUUID();
  const device = await connectDevice(it.gateway.url, {
    authorization: `Bearer ${await tokenOf(me, { expires: "4s" })}`,
  });
  device.send(emotion("mine", me));
  device.send(emotion("theirs"));
  expect((await device.heard(2)).toSorted((a, b) => a.seq - b.seq)).toMatchObject([
    { id: "mine", status: "accepted" },
    { id: "theirs", status: "rejected", code: "forbidden" },
  ]);
  expect(await device.closed).toBe(CLOSE_CODES.tokenExpired);
});

test("who may not send is told in plain HTTP, and so is who asks for something else", async () => {
  await using it = await setUp();
  const refused = async (headers: Record<string, string>, query?: string): Promise<string> =>
    connectDevice(it.gateway.url, headers, query).then(
      () => "taken",
      (error: Error) => error.message,
    );
  expect(await refused({})).toContain("401");
  expect(await refused({ "x-internal-key": "wrong" })).toContain("401");
  expect(await refused({ authorization: `Bearer ${await tokenOf("o", { role: "operator" })}` })).toContain(
    "403",
  );
  expect(await refused(KEY, "?eventid=7")).toContain("400");
  const plain = await fetch(`${it.gateway.url}/v1/emotions/ws`, { headers: KEY });
  expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
  expect(await refusedDirectly(it.intake.url)).toContain("401");
});

const refusedDirectly = (url: string): Promise<string> =>
  connectDevice(url, { "x-gateway-key": "wrong", "x-caller-kind": "internal" }).then(
    () => "taken",
    (error: Error) => error.message,
  );

test("frames count against a person's quota: who sends too fast is heard later, and loses nothing", async () => {
  await using it = await setUp({ RATE_LIMIT_PER_SECOND: "40", RATE_LIMIT_BURST: "10" });
  const me = randomUUID();
  const device = await connectDevice(it.gateway.url, { authorization: `Bearer ${await tokenOf(me)}` });
  const started = performance.now();
  for (let n = 0; n < 60; n++) device.send(emotion(`e-${n}`, me));
  await device.heard(60);
  expect(it.broker.lines).toHaveLength(60);
  // 50 beyond the burst, at 40 a second; a little less for the burst's own refill.
  expect(performance.now() - started).toBeGreaterThan(1_000);
  device.socket.close();
});

test("a client that no longer answers pings is cut off", async () => {
  // Long enough for the one that answers, on a machine that stops for a moment too.
  await using it = await setUp({ SOCKET_HEARTBEAT_MS: "500" });
  const [dead, alive] = await Promise.all([
    connectDevice(it.gateway.url, KEY),
    connectDevice(it.gateway.url, KEY),
  ]);
  dead.socket.pong = () => {};
  expect(await dead.closed).toBe(1_006);
  alive.send(emotion("a"));
  await alive.heard(1);
  alive.socket.close();
});
