import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeBodyRules, describeMethodRule } from "./support/request-rules.ts";
import { stack } from "./support/stack.ts";
import { CALM, DISTRESSED, emotionOf, untilSummarised } from "./support/telemetry.ts";

const PATH = "/v1/emotions/stream";
const DAY_MS = 24 * 60 * 60 * 1_000;

const sendByKey = (json: unknown, headers: Record<string, string> = {}) =>
  send<Record<string, string>>("POST", PATH, { internalKey: stack().internalKey, json, headers });

const rowsOf = (userId: string) =>
  sql()`select event_id, type, positivity, intensity, stress_level, occurred_at
        from emotion_events where user_id = ${userId} order by event_id`;

describe("POST /v1/emotions/stream", () => {
  let person: Person;
  beforeAll(async () => {
    person = await newPerson();
  });

  it("answers 202 to the user's own token", async () => {
    const { id, token } = await newPerson();
    const event = emotionOf(id);
    const answer = await send("POST", PATH, { token, json: event });
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      status: "event received",
      traceId: answer.headers.get("x-request-id"),
      eventId: event.eventId,
    });
  });

  it("answers 202 to the internal key, for any user", async () => {
    expect((await sendByKey(emotionOf(randomUUID()))).status).toBe(202);
  });

  it("X-Request-ID comes back as traceId", async () => {
    const requestId = `trace-${randomUUID()}`;
    const answer = await sendByKey(emotionOf(randomUUID()), { "x-request-id": requestId });
    expect(answer.body["traceId"]).toBe(requestId);
    expect(answer.headers.get("x-request-id")).toBe(requestId);
  });

  it("what was accepted is one row, as it was sent, in the day's summary", async () => {
    const { id, token } = await newPerson();
    const event = { ...emotionOf(id, DISTRESSED), timestamp: "2026-01-01T00:00:00Z" };
    event.timestamp = new Date(Date.now() - DAY_MS).toISOString();
    await send("POST", PATH, { token, json: event });
    await untilSummarised(id, { emotions: 1, transactions: 0 });
    expect(await rowsOf(id)).toEqual([
      {
        event_id: event.eventId,
        type: event.emotionEvent.type,
        positivity: String(DISTRESSED.positivity),
        intensity: String(DISTRESSED.intensity),
        stress_level: String(DISTRESSED.stress_level),
        occurred_at: new Date(event.timestamp),
      },
    ]);
    const summary = await sql()`
      select to_char(day, 'YYYY-MM-DD') as day, event_count, high_stress_count, avg_positivity::float8, avg_stress::float8
      from emotional_events_summary where user_id = ${id}`;
    expect(summary).toEqual([
      {
        day: event.timestamp.slice(0, 10),
        event_count: "1",
        high_stress_count: "1",
        avg_positivity: DISTRESSED.positivity,
        avg_stress: DISTRESSED.stress_level,
      },
    ]);
  });

  it("the same event id sent five times is one row", async () => {
    const userId = randomUUID();
    const event = emotionOf(userId);
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await sendByKey(event));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const marker = emotionOf(userId);
    await sendByKey(marker);
    await untilSummarised(userId, { emotions: 2, transactions: 0 });
    expect((await rowsOf(userId)).map((row) => row["event_id"] as string)).toEqual(
      [event.eventId, marker.eventId].toSorted(),
    );
  });

  it("one user's event id does not shadow another's", async () => {
    const [first, second] = [emotionOf(randomUUID()), emotionOf(randomUUID())];
    second.eventId = first.eventId;
    await sendByKey(first);
    await sendByKey(second);
    await untilSummarised(first.userId, { emotions: 1, transactions: 0 });
    await untilSummarised(second.userId, { emotions: 1, transactions: 0 });
  });

  it("without an event id the same content is the same event, and other content another", async () => {
    const userId = randomUUID();
    const { eventId: _, ...event } = emotionOf(userId);
    const first = await sendByKey(event);
    const again = await sendByKey(event);
    expect(again.body["eventId"]).toBe(first.body["eventId"]);
    const other = await sendByKey({ ...event, emotionEvent: { ...event.emotionEvent, type: "calm" } });
    expect(other.body["eventId"]).not.toBe(first.body["eventId"]);
    await untilSummarised(userId, { emotions: 2, transactions: 0 });
  });

  it.each<[string, (event: ReturnType<typeof emotionOf>) => unknown, string[]]>([
    ["a user id that is no UUID", (event) => ({ ...event, userId: "42" }), ["/userId"]],
    ["a timestamp that is none", (event) => ({ ...event, timestamp: "yesterday" }), ["/timestamp"]],
    ["an empty event id", (event) => ({ ...event, eventId: "" }), ["/eventId"]],
    ["an event id of 65 characters", (event) => ({ ...event, eventId: "e".repeat(65) }), ["/eventId"]],
    ["an event id with a NUL", (event) => ({ ...event, eventId: "a\u0000b" }), ["/eventId"]],
    ["no emotion", (event) => ({ ...event, emotionEvent: undefined }), ["/emotionEvent"]],
    [
      "metrics outside 0 to 1",
      (event) => ({
        ...event,
        emotionEvent: { type: "joy", metrics: { positivity: -0.01, intensity: 1.01, stress_level: 2 } },
      }),
      [
        "/emotionEvent/metrics/positivity",
        "/emotionEvent/metrics/intensity",
        "/emotionEvent/metrics/stress_level",
      ],
    ],
    [
      "a metric that is a text",
      (event) => ({ ...event, emotionEvent: { type: "joy", metrics: { ...CALM, intensity: "0.5" } } }),
      ["/emotionEvent/metrics/intensity"],
    ],
    [
      "a missing metric",
      (event) => ({ ...event, emotionEvent: { type: "joy", metrics: { positivity: 1, intensity: 1 } } }),
      ["/emotionEvent/metrics/stress_level"],
    ],
    ["nothing", () => ({}), ["/userId", "/timestamp", "/emotionEvent"]],
  ])("refuses %s with 422 and pointers", async (_what, change, pointers) =>
    expectProblem(await sendByKey(change(emotionOf(person.id))), "validation_failed", { pointers }),
  );

  it("metrics of exactly 0 and 1 are fine", async () => {
    const metrics = { positivity: 0, intensity: 1, stress_level: 1 };
    expect((await sendByKey(emotionOf(randomUUID(), metrics))).status).toBe(202);
  });

  it("an event older than the retention is 422", async () => {
    const timestamp = new Date(Date.now() - 91 * DAY_MS).toISOString();
    const answer = await sendByKey({ ...emotionOf(person.id), timestamp });
    expectProblem(answer, "event_too_old", { pointers: ["/timestamp"] });
  });

  it("an event of the far future is 422", async () => {
    const timestamp = new Date(Date.now() + 2 * DAY_MS).toISOString();
    const answer = await sendByKey({ ...emotionOf(person.id), timestamp });
    expectProblem(answer, "event_in_future", { pointers: ["/timestamp"] });
  });

  it("a wrong internal key is 401, also beside a right token", async () => {
    const json = emotionOf(person.id);
    const internalKey = "k".repeat(48);
    expectProblem(await send("POST", PATH, { internalKey, json }), "invalid_internal_key");
    expectProblem(
      await send("POST", PATH, { internalKey, token: person.token, json }),
      "invalid_internal_key",
    );
  });

  it("an operator may not send for a user", async () =>
    expectProblem(
      await send("POST", PATH, { token: await operatorToken(), json: emotionOf(person.id) }),
      "forbidden",
    ));

  describeProtection((owner) => Promise.resolve({ method: "POST", path: PATH, json: emotionOf(owner.id) }));
  describeBodyRules("POST", PATH, () => ({ internalKey: stack().internalKey }));
  describeMethodRule(PATH, "POST");
});
