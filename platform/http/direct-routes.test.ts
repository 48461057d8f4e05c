import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:net";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { AppError } from "../errors/app-error.ts";
import { createHttpApp } from "./create-app.ts";
import { createDirectRoutes } from "./direct-routes.ts";
import type { DirectRoute } from "./direct-routes.ts";
import { createHealth } from "./health.ts";
import { readBody } from "./read-body.ts";
import { createObserver } from "./observer.ts";
import { serveHttp } from "./serve.ts";

const setUp = async (answer: DirectRoute["answer"]) => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  const deps = { logger, metrics: new Registry(), health: createHealth() };
  const observer = createObserver(deps);
  const app = createHttpApp(deps, observer);
  app.post("/things", async (c) => c.text(`the framework has ${await c.req.text()}`));
  const routes: DirectRoute[] = [
    { method: "POST", path: "/things", answer },
    { method: "GET", path: "/things", answer: async () => ({ status: 204, headers: {}, body: null }) },
  ];
  const direct = createDirectRoutes(routes, { observer, logger, headers: { "x-own": "1" } });
  const server = await serveHttp(app, { host: "127.0.0.1", port: 0, drainMs: 0, direct });
  return { url: server.url, lines, [Symbol.asyncDispose]: server.stop };
};

const post = (url: string, path: string, body = "a body"): Promise<Response> =>
  fetch(`${url}${path}`, { method: "POST", body, headers: { "x-request-id": "req-1" } });

test("methods of one path are told apart; with a query, or another method, the framework answers", async () => {
  await using it = await setUp(async () => ({ status: 200, headers: { "x-its": "2" }, body: "direct" }));
  const answer = await post(it.url, "/things");
  expect([answer.status, await answer.text()]).toEqual([200, "direct"]);
  expect(["x-own", "x-its", "x-request-id"].map((name) => answer.headers.get(name))).toEqual([
    "1",
    "2",
    "req-1",
  ]);
  expect((await fetch(`${it.url}/things`)).status).toBe(204);
  expect(await (await post(it.url, "/things?x=1")).text()).toBe("the framework has a body");
  expect((await fetch(`${it.url}/things`, { method: "PUT" })).status).toBe(404);
  expect(it.lines.map(({ status }) => status)).toEqual([200, 204, 200, 404]);
});

test("bytes that are no text arrive as they are, small or large", async () => {
  for (const size of [256, 20_000]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, n) => n % 256));
    await using it = await setUp(async () => ({ status: 200, headers: {}, body: bytes }));
    const answer = await post(it.url, "/things");
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  }
});

test("an unknown error says nothing of the inside and is logged whole; a known one is a problem", async () => {
  const thrown = [
    new Error("connect ECONNREFUSED db.internal:5432"),
    new AppError("rate_limited", "Slow down"),
  ];
  await using it = await setUp(() => Promise.reject(thrown.shift()!));
  const unknown = await post(it.url, "/things");
  expect(unknown.status).toBe(500);
  expect(await unknown.text()).not.toMatch(/ECONNREFUSED|internal:/);
  expect(JSON.stringify(it.lines)).toMatch(/ECONNREFUSED/);
  const known = await post(it.url, "/things");
  expect(known.status).toBe(429);
  expect(known.headers.get("content-type")).toBe("application/problem+json");
  expect(await known.json()).toMatchObject({ instance: "/things", requestId: "req-1", code: "rate_limited" });
});

test("an answer that cannot be sent costs its own connection and nothing else", async () => {
  const answers = [{ "x-its": "two\nlines" }, { "x-its": "one" }];
  await using it = await setUp(async () => ({ status: 200, headers: answers.shift()!, body: "direct" }));
  await expect(post(it.url, "/things")).rejects.toThrow("fetch failed");
  expect(await (await post(it.url, "/things")).text()).toBe("direct");
  expect(it.lines.map(({ msg }) => msg)).toEqual(["answer could not be sent", "request"]);
});

test("a client that goes away, with its body or its answer under way, disturbs nobody", async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  await using it = await setUp(async ({ incoming }) => {
    begun++;
    const body = await readBody(incoming, { maxBytes: 1_000 });
    if (body?.toString() === "wait") await gate.promise;
    return { status: 200, headers: {}, body: "direct" };
  });
  const requests = ["content-length: 1000\r\n\r\nonly this", "content-length: 4\r\n\r\nwait"];
  for (const [index, sent] of requests.entries()) {
    const socket = connect(Number(new URL(it.url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`POST /things HTTP/1.1\r\nhost: x\r\n${sent}`);
    await until(() => begun > index);
    socket.destroy();
    await once(socket, "close");
  }
  await until(() => it.lines.length === 1);
  gate.resolve();
  await until(() => it.lines.length === 2);
  expect(it.lines.map(({ status }) => status)).toEqual([400, 200]);
  expect(await (await post(it.url, "/things")).text()).toBe("direct");
});

test("who is refused before the whole body came is answered, and the connection ends", async () => {
  await using it = await setUp(() => Promise.reject(new AppError("rate_limited", "Slow down")));
  const socket = connect(Number(new URL(it.url).port), "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  socket.write("POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nonly this");
  const ended = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([ended, sleep(5_000)]);
  expect(heard).toMatch(/^HTTP\/1.1 429 [\s\S]*connection: close/);
  expect(socket.destroyed).toBe(true);
});
