import { Readable } from "node:stream";
import { pino } from "pino";
import { Registry } from "prom-client";
import { Agent, request } from "undici";
import { expect, test } from "vitest";
import { AppError } from "../../platform/errors/app-error.ts";
import { createHealth } from "../../platform/http/health.ts";
import { serveHttp } from "../../platform/http/serve.ts";
import { createApp } from "../app.ts";

const KEY = "k".repeat(40);
const NOW = Date.UTC(2026, 10, 20, 12);
const ME = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
type Role = "emotion" | "transaction";

/** An intake behind HTTP, with the direct routes or without; counts what the framework gets. */
const serveIntake = async (
  role: Role,
  { directly, failing = false }: { directly: boolean; failing?: boolean },
) => {
  const seen = { lines: [] as string[], framework: 0, logged: [] as Record<string, unknown>[] };
  const metrics = new Registry();
  const { app, direct } = createApp(
    { GATEWAY_KEY: KEY, INGESTION_ROLE: role },
    {
      logger: pino({}, { write: (line: string) => void seen.logged.push(JSON.parse(line) as never) }),
      metrics,
      health: createHealth(),
      commits: { expect: () => expect.unreachable("nobody waits for the database") },
      now: () => NOW,
      publisher: {
        publish: async (_subject, line) => {
          if (failing) throw new AppError("event_not_stored", "The broker is away", { retryAfter: 2 });
          seen.lines.push(line);
        },
        publishBundle: () => Promise.reject(new Error("no batch is sent here")),
      },
    },
  );
  const { fetch } = app;
  app.fetch = (...given) => {
    seen.framework++;
    return fetch(...given);
  };
  const server = await serveHttp(app, {
    host: "127.0.0.1",
    port: 0,
    drainMs: 0,
    direct: directly ? direct : undefined,
  });
  const agent = new Agent();
  const send = async (body: string | Buffer | Readable, headers: Record<string, string> = {}) => {
    const path = role === "emotion" ? "/v1/emotions/stream" : "/v1/transactions";
    const answer = await request(`${server.url}${path}`, {
      method: "POST",
      body,
      dispatcher: agent,
      headers: {
        "x-gateway-key": KEY,
        "content-type": "application/json",
        "x-caller-kind": "user",
        "x-caller-id": ME,
        "x-request-id": "req-1",
        "x-delivery-id": "a".repeat(32),
        ...headers,
      },
    });
    const { date: _date, ...answered } = answer.headers;
    return { status: answer.statusCode, headers: answered, body: await answer.body.text() };
  };
  const dispose = async (): Promise<void> => {
    await agent.close();
    await server.stop();
  };
  return { send, seen, metrics, [Symbol.asyncDispose]: dispose };
};

const METRICS = { positivity: 0.5, intensity: 1, stress_level: 0 };
const PLAIN: Record<Role, object> = {
  emotion: {
    userId: ME,
    timestamp: "2026-11-20T10:00:00.000Z",
    emotionEvent: { type: "joy", metrics: METRICS },
  },
  transaction: { userId: ME, amount: 42.5, eventId: "order-1" },
};
const OTHERS = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3d";

type Case = [what: string, body: () => string | Buffer | Readable, headers?: Record<string, string>];
const cases = (role: Role): Case[] => {
  const plain = PLAIN[role];
  const json = (over: object) => () => JSON.stringify({ ...plain, ...over });
  return [
    ["plain", json({})],
    ["with an id", json({ eventId: "e-1" })],
    ["an id in capitals", json({ userId: ME.toUpperCase() })],
    ["unknown members", json({ more: [1] })],
    ["another user's", json({ userId: OTHERS })],
    ["another user's, from a backend", json({ userId: OTHERS }), { "x-caller-kind": "internal" }],
    ["no caller", json({}), { "x-caller-kind": "" }],
    [
      "a time with an offset",
      json({ timestamp: "2026-11-20T10:00:00+02:00", occurredAt: "2026-11-20T10:00:00+02:00" }),
    ],
    ["a time without seconds", json({ timestamp: "2026-11-20T10:00Z", occurredAt: "2026-11-20T10:00Z" })],
    ["too old", json({ timestamp: "2025-11-20T10:00:00.000Z", occurredAt: "2025-11-20T10:00:00.000Z" })],
    ["no id at all", json({ eventId: undefined })],
    ["breaking rules", json({ userId: 7, amount: -1 })],
    ["not JSON", () => "{"],
    ["null", () => "null"],
    ["empty", () => ""],
    ["not UTF-8", () => Buffer.concat([Buffer.from('{"userId":"'), Buffer.from([0xff]), Buffer.from('"}')])],
    [
      "an id that is not UTF-8",
      () => Buffer.from(JSON.stringify({ ...plain, eventId: "a\u00ff" }), "latin1"),
    ],
    ["of unknown length", () => Readable.from([JSON.stringify(plain)])],
    ["too large", () => JSON.stringify({ ...plain, more: "x".repeat(17_000) })],
    ["of another type", json({}), { "content-type": "text/plain" }],
    ["with parameters of its type", json({}), { "content-type": "application/json; charset=utf-8" }],
    ["compressed", json({}), { "content-encoding": "gzip" }],
    ["with a wrong key", json({}), { "x-gateway-key": "wrong" }],
  ];
};

test.for<Role>(["emotion", "transaction"])(
  "a single %s is answered and published alike with the framework and without it, whatever is sent",
  async (role) => {
    await using framed = await serveIntake(role, { directly: false });
    await using direct = await serveIntake(role, { directly: true });
    for (const [what, body, headers] of cases(role)) {
      const expected = await framed.send(body(), headers);
      expect(await direct.send(body(), headers), what).toEqual(expected);
    }
    expect(direct.seen.lines).toEqual(framed.seen.lines);
    expect(direct.seen.lines.length).toBeGreaterThanOrEqual(6);
    // What differs is who answered: of the plain ones the framework knows nothing.
    expect(framed.seen.framework).toBe(cases(role).length);
    expect(direct.seen.framework).toBeLessThan(cases(role).length - 3);
  },
);

test("an event that is not in UTF-8 is 400: ids that differ in nothing else would have become one", async () => {
  await using direct = await serveIntake("transaction", { directly: true });
  const { status, body } = await direct.send(
    Buffer.from(JSON.stringify({ ...PLAIN.transaction, eventId: "a\u00ff" }), "latin1"),
  );
  expect([status, JSON.parse(body)]).toMatchObject([400, { code: "malformed_json" }]);
  expect(direct.seen.lines).toEqual([]);
});

test("an event that the broker did not take is 503 with Retry-After, without the framework too", async () => {
  await using framed = await serveIntake("emotion", { directly: false, failing: true });
  await using direct = await serveIntake("emotion", { directly: true, failing: true });
  const body = JSON.stringify(PLAIN.emotion);
  const answer = await direct.send(body);
  expect(answer).toEqual(await framed.send(body));
  expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
  expect(direct.seen.framework).toBe(0);
});

test("a request is logged and measured once, and alike, whoever answers it", async () => {
  await using framed = await serveIntake("emotion", { directly: false });
  await using direct = await serveIntake("emotion", { directly: true });
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const { send, seen, metrics } of [framed, direct]) {
    await send(JSON.stringify(PLAIN.emotion), { traceparent });
    await send("{", { traceparent });
    const common = { requestId: "req-1", traceId: traceparent.slice(3, 35), route: "/v1/emotions/stream" };
    expect(seen.logged).toMatchObject([
      { ...common, status: 202, caller: "user", userId: ME },
      { ...common, status: 400, caller: "user", userId: ME },
    ]);
    expect(await metrics.metrics()).toMatch(
      /_count\{method="POST",route="\/v1\/emotions\/stream",status="202"\} 1\n/,
    );
  }
});
