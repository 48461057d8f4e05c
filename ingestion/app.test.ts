import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { emotionEvent } from "../contracts/events/emotion-event.ts";
import { transactionEvent } from "../contracts/events/transaction-event.ts";
import { AppError } from "../platform/errors/app-error.ts";
import { createHealth } from "../platform/http/health.ts";
import { createApp } from "./app.ts";

const KEY = "k".repeat(40);
const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

type Published = { subject: string; line: string };

const intake = (role: "emotion" | "transaction", failure?: AppError) => {
  const published: Published[] = [];
  const { app } = createApp(
    { GATEWAY_KEY: KEY, INGESTION_ROLE: role },
    {
      logger: pino({ level: "silent" }),
      metrics: new Registry(),
      health: createHealth(),
      commits: { expect: () => expect.unreachable("nobody waits for the database") },
      now: () => NOW,
      publisher: {
        publish: async (subject, line) => {
          if (failure) throw failure;
          published.push({ subject, line });
        },
        publishBundle: () => Promise.reject(new Error("no batch is sent here")),
      },
    },
  );
  const path = role === "emotion" ? "/v1/emotions/stream" : "/v1/transactions";
  const send = async (body: unknown, headers: Record<string, string> = { "x-caller-kind": "internal" }) => {
    const response = await app.request(path, {
      method: "POST",
      headers: { "x-gateway-key": KEY, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  return { published, send };
};

const emotion = (userId: string, over: object = {}) => ({
  userId,
  timestamp: "2026-11-20T10:00:00+02:00",
  emotionEvent: { type: "joy", metrics: { positivity: 0.5, intensity: 1, stress_level: 0 } },
  ...over,
});

test("an emotion is published as one line, in UTC, and answered with its trace and event id", async () => {
  const { send, published } = intake("emotion");
  const userId = randomUUID();
  const { status, body } = await send(emotion(userId, { eventId: "e-1" }), {
    "x-caller-kind": "user",
    "x-caller-id": userId,
    "x-request-id": "trace-7",
  });
  expect(status).toBe(202);
  expect(body).toEqual({ status: "event received", traceId: "trace-7", eventId: "e-1" });
  expect(published.map(({ subject }) => subject)).toEqual(["user.emotions.topic"]);
  expect(emotionEvent.parse(JSON.parse(published[0]!.line))).toMatchObject({
    userId,
    eventId: "e-1",
    timestamp: "2026-11-20T08:00:00.000Z",
    traceId: "trace-7",
  });
});

test("an emotion without an event id is identified by its content, however the time is written", async () => {
  const { send } = intake("emotion");
  const userId = randomUUID();
  const idOf = async (over: object): Promise<unknown> => (await send(emotion(userId, over))).body["eventId"];
  const first = await idOf({});
  expect(first).toMatch(/^sha256-[\w-]{43}$/);
  expect(await idOf({ timestamp: "2026-11-20T08:00:00Z" })).toBe(first);
  expect(await idOf({ timestamp: "2026-11-20T08:00:00.000001Z" })).not.toBe(first);
  expect(
    await idOf({
      emotionEvent: { type: "joy", metrics: { positivity: 0.51, intensity: 1, stress_level: 0 } },
    }),
  ).not.toBe(first);
});

test.each([
  ["too old", new Date(NOW - 90 * DAY - 1).toISOString(), "event_too_old"],
  ["in the future", new Date(NOW + DAY + 1).toISOString(), "event_in_future"],
])("an event that is %s is refused, and the field named", async (_, time, code) => {
  for (const [role, pointer, body] of [
    ["emotion", "/timestamp", emotion(randomUUID(), { timestamp: time })],
    ["transaction", "/occurredAt", { userId: randomUUID(), amount: 1, occurredAt: time }],
  ] as const) {
    const { send, published } = intake(role);
    const answer = await send(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code, errors: [{ pointer }] });
    expect(published).toEqual([]);
  }
});

test("a transaction keeps the digits of its amount, and gets an id and a time if it has none", async () => {
  const { send, published } = intake("transaction");
  const userId = randomUUID();
  const { status, body } = await send({ userId, amount: 129.9 });
  expect(status).toBe(202);
  expect(body).toEqual({
    status: "event received",
    userId,
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(transactionEvent.parse(JSON.parse(published[0]!.line))).toMatchObject({
    amount: "129.9",
    currency: "USD",
    occurredAt: new Date(NOW).toISOString(),
    eventId: body["eventId"],
  });
});

test.each([
  ["another user", { "x-caller-kind": "user", "x-caller-id": randomUUID() }, 403],
  ["an operator", { "x-caller-kind": "operator", "x-caller-id": randomUUID() }, 403],
  ["nobody", { "x-caller-kind": "anonymous" }, 403],
  ["somebody past the gateway", { "x-gateway-key": "wrong", "x-caller-kind": "internal" }, 401],
])("%s cannot send a user's events", async (_, headers, status) => {
  const { send, published } = intake("transaction");
  expect((await send({ userId: randomUUID(), amount: 1 }, headers)).status).toBe(status);
  expect(published).toEqual([]);
});

test.each([
  ["not JSON", "{", {}, 400, "malformed_json"],
  ["another type", "a=b", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
  ["an amount of nothing", { userId: randomUUID(), amount: 0 }, {}, 422, "validation_failed"],
  ["too large", { userId: randomUUID(), amount: 1, category: "x".repeat(17_000) }, {}, 413, "body_too_large"],
])("a body that is %s is refused", async (_, body, headers, status, code) => {
  const { send, published } = intake("transaction");
  const answer = await send(body, { "x-caller-kind": "internal", ...headers });
  expect(answer).toMatchObject({ status, body: { code } });
  expect(published).toEqual([]);
});

test("what the broker did not store is 503 and says when to come back", async () => {
  const { send } = intake("emotion", new AppError("event_not_stored", "full", { retryAfter: 3 }));
  const { status, headers, body } = await send(emotion(randomUUID()));
  expect(status).toBe(503);
  expect(headers.get("retry-after")).toBe("3");
  expect(body["code"]).toBe("event_not_stored");
});
