import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { Agent, request } from "undici";
import { expect, test } from "vitest";
import type { App } from "./create-app.ts";
import { serveHttp } from "./serve.ts";

const slowApp = (come: () => void = () => {}) => {
  const app = new Hono();
  app.get("/slow", async (c) => {
    come();
    await sleep(300);
    return c.text("done");
  });
  app.get("/fast", (c) => c.text("done"));
  return app as unknown as App;
};

test(
  "a stop answers what has come in and refuses what comes after",
  // Less than what it would wait for a connection that stays open.
  { timeout: 8_000 },
  async () => {
    const come = Promise.withResolvers<void>();
    const server = await serveHttp(slowApp(come.resolve), { host: "127.0.0.1", port: 0, drainMs: 50 });
    await using agent = disposable(new Agent());
    const slow = request(`${server.url}/slow`, { dispatcher: agent.it });
    await come.promise;
    const stopped = server.stop();
    const answer = await slow;
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, "done"]);
    await stopped;
    await expect(request(`${server.url}/fast`, { dispatcher: new Agent() })).rejects.toThrow("ECONNREFUSED");
  },
);

test("a kept-alive connection still gets its answer while draining, and is told to close", async () => {
  const server = await serveHttp(slowApp(), { host: "127.0.0.1", port: 0, drainMs: 1_500 });
  await using agent = disposable(new Agent({ connections: 1 }));
  await (await request(`${server.url}/fast`, { dispatcher: agent.it })).body.text();
  const stopped = server.stop();
  const answer = await request(`${server.url}/fast`, { dispatcher: agent.it });
  expect([answer.statusCode, answer.headers["connection"]]).toEqual([200, "close"]);
  await answer.body.text();
  await stopped;
});

test("a taken port is an error that says so", async () => {
  const server = await serveHttp(slowApp(), { host: "127.0.0.1", port: 0 });
  const port = Number(new URL(server.url).port);
  await expect(serveHttp(slowApp(), { host: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
  await server.stop();
});

const HOST = "host: x\r\n";
test.each([
  ["an unknown method", `BREW /fast HTTP/1.1\r\n${HOST}\r\n`, 400, "bad_request"],
  ["no HTTP at all", "hello\r\n\r\n", 400, "bad_request"],
  [
    "headers that are too long",
    `GET /fast HTTP/1.1\r\n${HOST}x: ${"y".repeat(60_000)}`,
    400,
    "invalid_header",
  ],
  ["a backslash in the path", `GET /fast\\ HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`, 400, "bad_request"],
  ["a Host that is none", "GET /fast HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", 400, "bad_request"],
])("%s is answered with a problem document, and the connection ends", async (_, sent, status, code) => {
  const server = await serveHttp(slowApp(), { host: "127.0.0.1", port: 0, drainMs: 0 });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write(sent);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head.toLowerCase()).toContain("\r\ncontent-type: application/problem+json");
  expect(head.toLowerCase()).toContain("\r\nconnection: close");
  expect(JSON.parse(body)).toMatchObject({ status, code, type: `/problems/${code}` });
  await server.stop();
});

test("what follows an answer that has begun and is no request breaks the connection, and not into the answer", async () => {
  const app = new Hono();
  app.get("/long", () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from("begun")) });
    return new Response(body);
  });
  const server = await serveHttp(app as unknown as App, { host: "127.0.0.1", port: 0, drainMs: 0 });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write(`GET /long HTTP/1.1\r\n${HOST}\r\n`);
  let heard = "";
  for await (const chunk of socket) {
    if (heard === "") socket.write("nonsense\r\n\r\n");
    heard += String(chunk);
  }
  expect(heard).toContain("begun");
  expect(heard).not.toContain("problem");
  await server.stop();
});

const disposable = (it: Agent) => ({ it, [Symbol.asyncDispose]: () => it.close() });
