import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { createAppClient } from "./app-client.ts";
import { createMeter } from "./meter.ts";

type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | "hang up";

/** A platform that answers with one reply after the other, the last one for ever. */
const platform = async (...replies: Reply[]) => {
  const seen: { body: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const reply = replies[Math.min(seen.length, replies.length - 1)]!;
      seen.push({ body, authorization: request.headers.authorization });
      if (reply === "hang up") request.socket.destroy();
      else response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dispatcher = new Agent();
  onTestFinished(async () => {
    await dispatcher.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, dispatcher, seen };
};

const clientFor = (
  { origin, dispatcher }: { origin: string; dispatcher: Agent },
  { stopping = new AbortController().signal, patienceMs = 10_000 } = {},
) => {
  const meter = createMeter();
  // Jitter of almost nothing keeps waits without Retry-After short.
  const deps = { origin, dispatcher, meter, random: () => 0.01, stopping, patienceMs };
  return { meter, client: createAppClient(deps) };
};

const event = { method: "POST", path: "/v1/transactions", token: "t", body: { eventId: "e-1" } } as const;
const busy: Reply = { status: 503, body: { code: "event_not_stored" }, headers: { "retry-after": "0" } };

test("a refusal that a retry can mend is sent again with the same content", async () => {
  const stack = await platform(busy, "hang up", { status: 202, body: { status: "event received" } });
  const { client, meter } = clientFor(stack);
  expect(await client("transaction", event)).toMatchObject({ kind: "answered", status: 202 });
  expect(stack.seen.map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => '{"eventId":"e-1"}'));
  expect(meter.succeeded("transaction")).toBe(1);
  expect(meter.latency("transaction").count()).toBe(1);
  expect(meter.errors()).toContainEqual({ call: "transaction", ending: "503 event_not_stored", count: 1 });
  expect(meter.errors().reduce((sum, { count }) => sum + count, 0)).toBe(2);
});

test("a final refusal comes back at once, with its problem", async () => {
  const stack = await platform({ status: 422, body: { code: "validation_failed" } });
  const { client } = clientFor(stack);
  const answer = await client("transaction", event);
  expect(answer).toMatchObject({ kind: "answered", status: 422, body: { code: "validation_failed" } });
  expect(stack.seen).toHaveLength(1);
});

test("it waits as long as Retry-After asks", async () => {
  const stack = await platform({ status: 429, headers: { "retry-after": "1" } }, { status: 202 });
  const { client } = clientFor(stack);
  const started = performance.now();
  await client("transaction", event);
  expect(performance.now() - started).toBeGreaterThanOrEqual(990);
});

test("patience shorter than what was asked ends it, and a quota never took anything", async () => {
  const stack = await platform({ status: 429, headers: { "retry-after": "60" } });
  const { client } = clientFor(stack, { patienceMs: 5_000 });
  expect(await client("transaction", event)).toEqual({ kind: "gave up", reached: false, last: "429" });
});

test("an attempt cut off may have been taken", async () => {
  const stack = await platform("hang up");
  const { client } = clientFor(stack, { patienceMs: 0 });
  expect(await client("transaction", event)).toMatchObject({ kind: "gave up", reached: true });
});

test("a connection that was never made took nothing", async () => {
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.destroy());
  const { client } = clientFor({ origin: "http://127.0.0.1:1", dispatcher }, { patienceMs: 0 });
  const result = await client("transaction", event);
  expect(result).toEqual({ kind: "gave up", reached: false, last: "ECONNREFUSED" });
});

test("once the run is stopping, nothing is tried again and no wait is sat out", async () => {
  const stack = await platform({ status: 503, headers: { "retry-after": "30" } });
  const stop = new AbortController();
  const { client } = clientFor(stack, { stopping: stop.signal, patienceMs: 60_000 });
  const result = client("transaction", event);
  setTimeout(() => stop.abort(), 100);
  expect(await result).toEqual({ kind: "gave up", reached: true, last: "503" });
  expect(stack.seen.length).toBeLessThanOrEqual(2);
});
