import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATOR, putLetter, startDeadLetterDesk } from "../../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../../tests/harness/dead-letters.ts";
import { pastTimeOf } from "../../../tests/harness/past-time-of.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const LETTER = "/v1/dead-letters";
const idsOf = (answer: { body: { items: { id: string }[] } }): string[] =>
  answer.body.items.map(({ id }) => id);

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
    ["GET", "/v1/dead-letter-replays"],
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
      await pastTimeOf(ids[0]!);
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
    "to=2026-01-01T00:00:00%2B16:00",
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
