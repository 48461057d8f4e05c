import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createPool, runClosedLoop } from "./closed-loop.ts";
import type { RequestText } from "./protocol.ts";

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const posts = (count: number): RequestText[] =>
  Array.from({ length: count }, (_, index) => ({
    method: "POST" as const,
    path: `/${index}`,
    headers: { "content-type": "text/plain" },
    body: `body ${index}`,
  }));

test("as many requests are sent as answers were asked for, each once, in the pool's order", async () => {
  const seen: string[] = [];
  const target = await listen(
    createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        seen.push(`${request.url} ${body}`);
        response.writeHead(202).end("taken");
      });
    }),
  );
  const job = { target, pool: "p", connections: 1, until: { answers: 5 }, expectedStatus: 202 };

  const result = await runClosedLoop(job, createPool(posts(10)));

  expect(result.count).toBe(5);
  expect(result.unexpected).toEqual({});
  expect(seen).toEqual(["/0 body 0", "/1 body 1", "/2 body 2", "/3 body 3", "/4 body 4"]);
});

test("an answer with another status is counted apart and not as done", async () => {
  const target = await listen(
    createServer((request, response) => void response.writeHead(request.url === "/2" ? 503 : 202).end()),
  );
  const job = { target, pool: "p", connections: 2, until: { answers: 8 }, expectedStatus: 202 };

  const result = await runClosedLoop(job, createPool(posts(8)));

  expect(result.count).toBe(7);
  expect(result.unexpected).toEqual({ "503": 1 });
});

test("a connection that the server closes is replaced", async () => {
  const target = await listen(
    createServer((_request, response) => void response.setHeader("connection", "close").end("ok")),
  );
  const job = { target, pool: "p", connections: 2, until: { answers: 6 }, expectedStatus: 200 };

  expect((await runClosedLoop(job, createPool(posts(3)))).count).toBe(6);
});

test("latency is the time between request and answer", async () => {
  const target = await listen(
    createServer((_request, response) => void setTimeout(() => response.end("late"), 60)),
  );
  const job = { target, pool: "p", connections: 3, until: { answers: 9 }, expectedStatus: 200 };

  const result = await runClosedLoop(job, createPool(posts(3)));

  expect(result.p50Ms).toBeGreaterThan(55);
  expect(result.seconds).toBeGreaterThan(0.17);
});
