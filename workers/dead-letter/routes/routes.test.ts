import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  OPERATOR,
  putLetter,
  startDeadLetterDesk,
  transactionOf,
} from "../../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../../tests/harness/dead-letters.ts";
import { until } from "../../../tests/harness/until.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const LETTER = "/v1/dead-letters";
const idsOf = (answer: { body: { items: { id: string }[] } }): string[] =>
  answer.body.items.map(({ id }) => id);

const published = async (): Promise<number> =>
  (await desk.broker.jsm.streams.info("TRANSACTIONS")).state.messages;

describe("every route", () => {
  const id = randomUUID();
  const reason = "why";
  const routes: [string, string, unknown?][] = [
    ["GET", LETTER],
    ["GET", "/v1/dead-letter-groups"],
    ["GET", `${LETTER}/${id}`],
    ["GET", `${LETTER}/${id}/dry-run`],
    ["PUT", `${LETTER}/${id}/payload`, { payload: {} }],
    ["POST", `${LETTER}/${id}/replay`],
    ["POST", `${LETTER}/${id}/discard`, { reason }],
    ["POST", "/v1/dead-letter-replays", { filter: {} }],
    ["GET", `/v1/dead-letter-replays/${id}`],
    ["POST", `/v1/dead-letter-replays/${id}/cancel`],
  ];

  test.each(routes)("%s %s is 403 for whoever is no operator", async (method, path, body) => {
    for (const caller of [
      { kind: "user", id: OPERATOR.kind === "operator" ? OPERATOR.id : "" },
      { kind: "internal" },
      { kind: "anonymous" },
    ] as const)
      expect(await desk.send(method, path, { caller, body })).toMatchObject({
        status: 403,
        body: { code: "forbidden" },
      });
  });

  test.each(routes)("%s %s is 401 without the gateway's key", async (method, path, body) => {
    const headers = { "x-gateway-key": "x".repeat(40) };
    expect(await desk.send(method, path, { headers, body })).toMatchObject({ status: 401 });
  });

  test.each(routes.filter(([, path]) => path.includes(id)))(
    "%s %s is 404 for an unknown id and 400 for one that is none",
    async (method, path, body) => {
      expect(await desk.send(method, path, { body })).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
      const malformed = await desk.send(method, path.replace(id, "me"), { body });
      expect(malformed).toMatchObject({ status: 400, body: { code: "invalid_path" } });
    },
  );
});

describe("lists", () => {
  test("the cursor walks through what matches, newest first, once each", async () => {
    const userId = randomUUID();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      ids.unshift(await putLetter(desk.sql, { userId }));
      await until(() => Date.now() > Number.parseInt(ids[0]!.replaceAll("-", "").slice(0, 12), 16));
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; page < 5 && cursor !== null; page++) {
      const after: string = cursor ? `&cursor=${cursor}` : "";
      const answer = await desk.send("GET", `${LETTER}?userId=${userId}&limit=2${after}`);
      expect(answer.status).toBe(200);
      seen.push(...idsOf(answer));
      cursor = answer.body.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  test("every filter narrows, and they narrow together", async () => {
    const userId = randomUUID();
    const old = await putLetter(desk.sql, { userId, lastFailedAt: new Date("2026-01-01T00:00:00Z") });
    const other = await putLetter(desk.sql, {
      userId,
      stream: "EMOTIONS",
      consumer: "c",
      errorClass: "23514",
    });
    const list = async (query: string) =>
      idsOf(await desk.send("GET", `${LETTER}?userId=${userId}&${query}`));
    expect(await list("stream=EMOTIONS")).toEqual([other]);
    expect(await list("consumer=c")).toEqual([other]);
    expect(await list("errorClass=InvalidEvent")).toEqual([old]);
    expect(await list("to=2026-02-01T00:00:00Z")).toEqual([old]);
    expect(await list("from=2026-02-01T00:00:00%2B01:00")).toEqual([other]);
    expect(await list("status=discarded")).toEqual([]);
    expect(await list("status=open&stream=EMOTIONS&errorClass=InvalidEvent")).toEqual([]);
  });

  test.each([
    "limit=0",
    "limit=x",
    "status=lost",
    "userId=me",
    "from=yesterday",
    "cursor=made-up",
    "stream=%00",
  ])("?%s is 400 and names it", async (query) => {
    const answer = await desk.send("GET", `${LETTER}?${query}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "invalid_query", errors: [{ pointer: `/${query.split("=")[0]}` }] },
    });
  });

  test("groups count letters and people by error, and show the newest message", async () => {
    const [stream, userId] = [`S-${randomUUID()}`, randomUUID()];
    const at = (day: number) => new Date(Date.UTC(2026, 2, day));
    for (const [day, user] of [
      [1, userId],
      [3, userId],
      [2, randomUUID()],
    ] as const)
      await putLetter(desk.sql, {
        stream,
        userId: user,
        errorMessage: `of ${day}`,
        firstFailedAt: at(day),
        lastFailedAt: at(day),
      });
    await putLetter(desk.sql, { stream, errorClass: "22003" });
    const { status, body } = await desk.send("GET", `/v1/dead-letter-groups?stream=${stream}`);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toEqual({
      stream,
      consumer: "transaction-processing",
      errorClass: "InvalidEvent",
      count: 3,
      users: 2,
      firstSeen: at(1).toISOString(),
      lastSeen: at(3).toISOString(),
      lastMessage: "of 3",
    });
    expect((await desk.send("GET", "/v1/dead-letter-groups?status=lost")).status).toBe(400);
  });
});

describe("edit", () => {
  test("a valid event replaces what a replay publishes, beside the bytes that came, and is audited with its diff", async () => {
    const came = Buffer.from('{"amount": "1,5"');
    const id = await putLetter(desk.sql, { payload: came });
    const event = transactionOf();
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, {
      body: { payload: event, reason: "a comma" },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id,
        edited: true,
        userId: event.userId,
        eventId: event.eventId,
        payload: { format: "json", content: event },
        originalPayload: { format: "text", content: came.toString(), bytes: came.length },
        actions: [
          {
            action: "edit",
            actor: "id" in OPERATOR ? OPERATOR.id : "",
            reason: "a comma",
            before: { revision: 0, payload: { content: came.toString() } },
            after: { revision: 1, payload: { content: event } },
            replayId: null,
          },
        ],
      },
    });
    const [row] = await desk.sql`select payload from dead_letters where id = ${id}`;
    expect((row!["payload"] as Buffer).equals(came)).toBe(true);
  });

  test("an event that breaks its schema is 422 with a pointer for each fault, and changes nothing", async () => {
    const id = await putLetter(desk.sql);
    const payload = transactionOf({ amount: 3, currency: "dollars" });
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, { body: { payload } });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      "/payload/amount",
      "/payload/currency",
    ]);
    expect((await desk.send("GET", `${LETTER}/${id}`)).body).toMatchObject({ edited: false, actions: [] });
  });

  test.each([
    ["a payload that is no object", { payload: [1] }, "/payload"],
    ["an unknown field", { payload: {}, why: "x" }, "/why"],
    ["no payload", {}, "/payload"],
    ["an empty reason", { payload: {}, reason: " " }, "/reason"],
  ])("%s is 422", async (_what, body, pointer) => {
    const id = await putLetter(desk.sql);
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, { body });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("a body that is no JSON is 400, one of another type 415, one too large 413", async () => {
    const path = `${LETTER}/${await putLetter(desk.sql)}/payload`;
    expect((await desk.send("PUT", path, { raw: "{" })).status).toBe(400);
    expect(
      (await desk.send("PUT", path, { raw: "{}", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    const large = { payload: { padding: "x".repeat(300_000) } };
    expect((await desk.send("PUT", path, { body: large })).status).toBe(413);
  });
});

describe("dry run", () => {
  test("says what would be published and that it is new, and publishes nothing", async () => {
    const event = transactionOf();
    const id = await putLetter(desk.sql, {
      payload: event,
      headers: { traceparent: ["00-a"], "Nats-Msg-Id": ["first"] },
    });
    const before = await published();
    const { status, body } = await desk.send("GET", `${LETTER}/${id}/dry-run`);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        wouldPublish: true,
        status: "open",
        subject: "transactions.topic",
        messageId: `replay:${id}:0`,
        headers: { traceparent: ["00-a"], "Dead-Letter-Id": [id] },
        payload: { format: "json", content: event, bytes: JSON.stringify(event).length },
        valid: true,
        errors: [],
        alreadyStored: false,
      },
    });
    expect(await published()).toBe(before);
  });

  test("names the faults of what would fail again, and knows when it cannot tell", async () => {
    const bad = await putLetter(desk.sql, { payload: transactionOf({ currency: "x" }) });
    expect((await desk.send("GET", `${LETTER}/${bad}/dry-run`)).body).toMatchObject({
      wouldPublish: false,
      valid: false,
      errors: [{ pointer: "/currency" }],
    });
    const unknown = await putLetter(desk.sql, { subject: "account.created" });
    expect((await desk.send("GET", `${LETTER}/${unknown}/dry-run`)).body).toMatchObject({
      wouldPublish: true,
      valid: null,
      alreadyStored: null,
    });
  });
});

describe("replay and discard", () => {
  test("a repeat with the same Idempotency-Key gets the first answer, another request with it is 422", async () => {
    const [id, other] = [await putLetter(desk.sql), await putLetter(desk.sql)];
    const headers = { "idempotency-key": randomUUID() };
    const first = await desk.send("POST", `${LETTER}/${id}/replay`, { headers, body: { reason: "fixed" } });
    expect(first).toMatchObject({
      status: 200,
      body: { id, outcome: "replayed", messageId: `replay:${id}:0` },
    });
    const again = await desk.send("POST", `${LETTER}/${id}/replay`, { headers, body: { reason: "fixed" } });
    expect(again.body).toEqual(first.body);
    const misused = await desk.send("POST", `${LETTER}/${other}/replay`, { headers });
    expect(misused).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect((await desk.send("GET", `${LETTER}/${id}`)).body).toMatchObject({
      status: "replayed",
      actions: [
        { action: "replay", reason: "fixed", before: { status: "open" }, after: { status: "replayed" } },
      ],
    });
  });

  test("a discarded letter is neither replayed, edited nor discarded again", async () => {
    const id = await putLetter(desk.sql);
    const body = { reason: "a test account" };
    expect(await desk.send("POST", `${LETTER}/${id}/discard`, { body })).toMatchObject({
      status: 200,
      body: { id, status: "discarded" },
    });
    for (const [method, action, sent] of [
      ["POST", "replay", undefined],
      ["POST", "discard", body],
      ["PUT", "payload", { payload: transactionOf() }],
    ] as const)
      expect(await desk.send(method, `${LETTER}/${id}/${action}`, { body: sent })).toMatchObject({
        status: 409,
        body: { code: "dead_letter_settled" },
      });
    expect((await desk.send("GET", `${LETTER}/${id}`)).body.actions).toMatchObject([
      { action: "discard", reason: "a test account", after: { status: "discarded" } },
    ]);
  });

  test.each([undefined, {}, { reason: "" }, { reason: 3 }, { reason: "x".repeat(501) }])(
    "a discard with %j for a body is refused",
    async (body) => {
      const id = await putLetter(desk.sql);
      const { status } = await desk.send("POST", `${LETTER}/${id}/discard`, { body });
      expect(status).toBe(body === undefined ? 400 : 422);
    },
  );

  test("an Idempotency-Key that is too long is 400", async () => {
    const headers = { "idempotency-key": "k".repeat(256) };
    const id = await putLetter(desk.sql);
    expect((await desk.send("POST", `${LETTER}/${id}/replay`, { headers })).status).toBe(400);
  });

  test("a subject that no stream takes is 503, and the letter stays open", async () => {
    const id = await putLetter(desk.sql, { subject: "account.created" });
    const answer = await desk.send("POST", `${LETTER}/${id}/replay`);
    expect(answer).toMatchObject({ status: 503, body: { code: "event_not_stored" } });
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await desk.send("GET", `${LETTER}/${id}`)).body.status).toBe("open");
  });
});

describe("replay by filter", () => {
  const start = (filter: unknown, more: Record<string, unknown> = {}) =>
    desk.send("POST", "/v1/dead-letter-replays", { body: { filter, ...more } });
  const progress = async (id: string) => (await desk.send("GET", `/v1/dead-letter-replays/${id}`)).body;
  const finished = (id: string) =>
    until(
      async () => {
        const shown = await progress(id);
        return shown.status === "finished" && shown;
      },
      { within: 15_000, what: "the end of the replay" },
    );

  const letters = async (count: number, userId: string, payload: () => unknown = () => transactionOf()) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push(await putLetter(desk.sql, { userId, payload: payload() }));
    return ids;
  };

  test("publishes what matches and is open, passes over what would fail again, and says how it went", async () => {
    const userId = randomUUID();
    const ids = await letters(3, userId);
    await letters(2, userId, () => transactionOf({ amount: "much" }));
    await letters(1, randomUUID());
    await desk.send("POST", `${LETTER}/${ids[0]!}/discard`, { body: { reason: "not this one" } });
    const started = await start({ userId }, { ratePerSecond: 200, reason: "all of them" });
    expect(started).toMatchObject({
      status: 202,
      body: { filter: { userId }, total: 4, ratePerSecond: 200 },
    });
    expect(await finished(started.body.id)).toMatchObject({
      replayed: 2,
      refused: 2,
      skipped: 0,
      remaining: 0,
    });
    expect((await desk.send("GET", `${LETTER}/${ids[1]!}`)).body).toMatchObject({
      status: "replayed",
      actions: [{ action: "replay", reason: "all of them", replayId: started.body.id }],
    });
    expect(idsOf(await desk.send("GET", `${LETTER}?userId=${userId}&status=open`))).toHaveLength(2);
  });

  test("keeps to its rate and its limit, the oldest first", async () => {
    const userId = randomUUID();
    await letters(8, userId);
    const since = performance.now();
    const { body } = await start({ userId }, { ratePerSecond: 5, limit: 6 });
    expect(await finished(body.id)).toMatchObject({ total: 6, replayed: 6 });
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(idsOf(await desk.send("GET", `${LETTER}?userId=${userId}&status=open`))).toHaveLength(2);
  });

  test("goes on after a restart where it was, and ends when it is cancelled", async () => {
    const userId = randomUUID();
    await letters(40, userId);
    const { body } = await start({ userId }, { ratePerSecond: 10 });
    await until(async () => (await progress(body.id)).replayed > 2);
    await desk.restartReplays();
    const { replayed } = await progress(body.id);
    await until(async () => (await progress(body.id)).replayed > replayed);
    const cancelled = await desk.send("POST", `/v1/dead-letter-replays/${body.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
    const settled =
      await desk.sql`select id from dead_letters where user_id = ${userId} and status = 'replayed'`;
    expect(settled).toHaveLength(cancelled.body.replayed);
    expect((await progress(body.id)).replayed).toBe(cancelled.body.replayed);
  });

  test("the same Idempotency-Key starts one replay", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = { filter: { userId: randomUUID() } };
    const answers = [];
    for (let n = 0; n < 2; n++)
      answers.push(await desk.send("POST", "/v1/dead-letter-replays", { headers, body }));
    expect(answers[0]!.status).toBe(202);
    expect(answers[1]!.body.id).toBe(answers[0]!.body.id);
  });

  test.each([
    [{}, "/filter"],
    [{ filter: { stream: 3 } }, "/filter/stream"],
    [{ filter: { colour: "red" } }, "/filter/colour"],
    [{ filter: {}, ratePerSecond: 0 }, "/ratePerSecond"],
    [{ filter: {}, limit: 1.5 }, "/limit"],
  ])("%j is 422 and names the field", async (body, pointer) => {
    expect(await desk.send("POST", "/v1/dead-letter-replays", { body })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});
