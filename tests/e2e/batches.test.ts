import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Answer, send } from "./support/client.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken } from "./support/people.ts";
import { describeMethodRule } from "./support/request-rules.ts";
import { stack } from "./support/stack.ts";
import { emotionOf, transactionOf, untilSummarised } from "./support/telemetry.ts";

const EMOTIONS = "/v1/emotions/batch";
const TRANSACTIONS = "/v1/transactions/batch";
const MIB = 1_024 * 1_024;

type Result = {
  id: string | null;
  status: string;
  code?: string;
  pointer?: string;
  persisted?: boolean;
};
type BatchAnswer = Answer<{ results: Result[] } & Record<string, unknown>>;

const ndjson = (events: readonly unknown[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");
const lines = (headers: Record<string, string> = {}) => ({
  "content-type": "application/x-ndjson",
  ...headers,
});
const sendLines = (raw: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) =>
  send("POST", EMOTIONS, {
    internalKey: stack().internalKey,
    raw,
    headers: lines(headers),
  }) as Promise<BatchAnswer>;

describe("POST /v1/emotions/batch", () => {
  it("3,000 events, sent twice, are 3,000 in the summaries", async () => {
    const userId = randomUUID();
    const events = Array.from({ length: 3_000 }, () => emotionOf(userId));
    for (let n = 0; n < 2; n++) {
      const { status, body } = await sendLines(ndjson(events));
      expect(status).toBe(202);
      expect(body).toMatchObject({ accepted: 3_000, duplicate: 0, rejected: 0, retry: 0 });
      expect(body.results.map(({ id }) => id)).toEqual(events.map(({ eventId }) => eventId));
    }
    await untilSummarised(userId, { emotions: 3_000, transactions: 0 });
  });

  it("a compressed array of a person's own events, among them a stranger's and a bad one", async () => {
    const { id, token } = await newPerson();
    const events = [emotionOf(id), emotionOf(randomUUID()), { ...emotionOf(id), timestamp: "now" }];
    const raw = Uint8Array.from(zstdCompressSync(Buffer.from(JSON.stringify([...events, events[0]]))));
    const headers = { "content-type": "application/json", "content-encoding": "zstd" };
    const answer = (await send("POST", EMOTIONS, { token, raw, headers })) as BatchAnswer;
    expect(answer.status).toBe(202);
    expect(answer.body.results).toMatchObject([
      { id: events[0]!.eventId, status: "accepted" },
      { id: events[1]!.eventId, status: "rejected", code: "forbidden", pointer: "/1/userId" },
      { id: events[2]!.eventId, status: "rejected", code: "validation_failed", pointer: "/2/timestamp" },
      { id: events[0]!.eventId, status: "duplicate" },
    ]);
    await untilSummarised(id, { emotions: 1, transactions: 0 });
  });

  it("with wait=persisted the rows are there before the answer, and a re-send is known", async () => {
    const userId = randomUUID();
    const events = Array.from({ length: 1_200 }, () => emotionOf(userId));
    const sendAndWait = (raw: string, query = "?wait=persisted") =>
      send("POST", EMOTIONS + query, {
        internalKey: stack().internalKey,
        raw,
        headers: lines(),
      }) as Promise<BatchAnswer>;
    const first = await sendAndWait(ndjson(events));
    const [counted] = await sql()<{ rows: number }[]>`
      select count(*)::int as rows from emotion_events where user_id = ${userId}`;
    expect(counted).toEqual({ rows: 1_200 });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ accepted: 1_200, duplicate: 0 });
    expect(first.body.results.filter((result) => result.persisted !== true)).toEqual([]);

    const another = emotionOf(userId);
    const again = await sendAndWait(ndjson([...events.slice(0, 700), another, another, { bad: true }]));
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ accepted: 1, duplicate: 701, rejected: 1 });
    expect(again.body.results.slice(-4)).toMatchObject([
      { id: events[699]!.eventId, status: "duplicate" },
      { id: another.eventId, status: "accepted", persisted: true },
      { id: another.eventId, status: "duplicate" },
      { id: null, status: "rejected", pointer: "/702/userId" },
    ]);
    await untilSummarised(userId, { emotions: 1_201, transactions: 0 });

    const late = await sendAndWait(ndjson([emotionOf(userId)]), "?wait=persisted&deadlineMs=1");
    expect(late.status).toBe(202);
    expect(late.body.results).toMatchObject([{ status: "accepted", persisted: false }]);
    for (const query of ["?wait=forever", "?wait=persisted&deadlineMs=60000"])
      expectProblem(await sendAndWait("{}", query), "invalid_query");
  });

  it("a body over the limit is 413, with what became of the events before it", async () => {
    const [first, padding] = [emotionOf(randomUUID()), "x".repeat(15_000)];
    const raw = ndjson([first, ...Array.from({ length: 1_200 }, () => ({ padding }))]);
    expectProblem(await sendLines(raw), "body_too_large");
    const packed = await sendLines(Uint8Array.from(zstdCompressSync(Buffer.from(raw))), {
      "content-encoding": "zstd",
    });
    expectProblem(packed as Answer, "body_too_large");
    expect(packed.body.results[0]).toEqual({ id: first.eventId, status: "accepted" });
    const array = await send("POST", EMOTIONS, {
      internalKey: stack().internalKey,
      json: [{ padding: "x".repeat(5 * MIB) }],
    });
    expectProblem(array, "body_too_large");
  });

  it("a body that stops arriving is 408, with what became of the events before it", async () => {
    const first = emotionOf(randomUUID());
    const body = ndjson([first]);
    const socket = connect(Number(new URL(stack().baseUrl).port), "127.0.0.1");
    socket.write(
      `POST ${EMOTIONS} HTTP/1.1\r\nHost: x\r\nX-Internal-Key: ${stack().internalKey}\r\n` +
        `Content-Type: application/x-ndjson\r\nContent-Length: ${body.length + 10}\r\n\r\n${body}`,
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain(`{"id":"${first.eventId}","status":"accepted"}`);
  });

  it("nobody, a wrong key and an operator are turned away", async () => {
    const raw = ndjson([emotionOf(randomUUID())]);
    const sendAs = (who: { token?: string; internalKey?: string }) =>
      send("POST", EMOTIONS, { ...who, raw, headers: lines() });
    expectProblem(await sendAs({}), "unauthenticated");
    expectProblem(await sendAs({ token: "not.a.token" }), "invalid_token");
    expectProblem(await sendAs({ internalKey: "k".repeat(48) }), "invalid_internal_key");
    expectProblem(await sendAs({ token: await operatorToken() }), "forbidden");
  });

  describeMethodRule(EMOTIONS, "POST");
});

describe("POST /v1/transactions/batch", () => {
  it("stores a person's purchases, each once", async () => {
    const { id, token } = await newPerson();
    const events = Array.from({ length: 20 }, () => transactionOf(id));
    const raw = ndjson([...events, events[3], { userId: id, amount: -1, eventId: "bad" }]);
    const path = `${TRANSACTIONS}?wait=persisted`;
    const answer = (await send("POST", path, { token, raw, headers: lines() })) as BatchAnswer;
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ accepted: 20, duplicate: 1, rejected: 1 });
    expect(answer.body.results.at(-1)).toMatchObject({ id: "bad", pointer: "/21/amount" });
    await untilSummarised(id, { emotions: 0, transactions: 20 });
  });

  it("does not open to the internal key", async () =>
    expectProblem(
      await send("POST", TRANSACTIONS, { internalKey: stack().internalKey, raw: "{}", headers: lines() }),
      "unauthenticated",
    ));

  describeMethodRule(TRANSACTIONS, "POST");
});
