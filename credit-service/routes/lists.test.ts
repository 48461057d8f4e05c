import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CreditReplica, startCredit } from "../../tests/harness/credit-service.ts";
import { type Person, makePerson } from "../../tests/harness/people.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startRedis } from "../../tests/harness/servers.ts";
import { uuidv7 } from "uuidv7";

let database: FreshDatabase;
let redis: Server;
let replica: CreditReplica;
let person: Person;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), startRedis()]);
  replica = await startCredit({ sql: database.sql, redisUrl: redis.url, modelUrls: ["http://127.0.0.1:9"] });
});
afterAll(async () => {
  for (const started of [replica, redis, database]) await started?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  person = await makePerson(database.sql);
});

const get = (what: string, caller = person.caller) =>
  replica.send("GET", `/v1/users/${person.id}/${what}`, { caller });

const addOffer = async (status: string, createdAt: string, expiresIn = "7 days"): Promise<string> => {
  const id = uuidv7();
  await database.sql.begin(async (tx) => {
    const decision = uuidv7();
    await tx`
      insert into credit_decisions (id, user_id, approved, policy_version, features, offer_id, decided_at)
      values (${decision}, ${person.id}, true, 'p', '{}', ${id}, now())`;
    await tx`
      insert into credit_limits (
        id, user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at, created_at
      ) values (
        ${id}, ${person.id}, ${decision}, ${status}, 1234.5, 8.28, 'X', now() + ${expiresIn}::text::interval,
        ${createdAt}::text::timestamptz
      )`;
  });
  return id;
};
const addNotification = async (createdAt: string): Promise<string> => {
  const id = uuidv7();
  await database.sql`
    insert into notifications (id, user_id, type, title, message, created_at)
    values (${id}, ${person.id}, 'CREDIT_LIMIT_APPLIED', 'Title', 'Message', ${createdAt}::text::timestamptz)`;
  return id;
};

describe("the offers list", () => {
  test("shows pages, newest first, and how many there are", async () => {
    const ids: string[] = [];
    for (let day = 1; day <= 5; day++) ids.unshift(await addOffer("superseded", `2026-01-0${day}T00:00:00Z`));
    const { status, body } = await get("offers?page=2&page_size=2");
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 5, page: 2, page_size: 2 });
    expect(body.items.map((item: { offer_id: string }) => item.offer_id)).toEqual(ids.slice(2, 4));
    expect(body.items[0]).toEqual({
      offer_id: ids[2],
      status: "superseded",
      credit_limit: 1234.5,
      interest_rate: 8.28,
      created_at: "2026-01-03T00:00:00.000Z",
      expires_at: expect.any(String) as string,
    });
  });

  test("shows a lapsed offer as expired before anybody has written so", async () => {
    await addOffer("offered", "2026-01-01T00:00:00Z", "-1 second");
    expect((await get("offers")).body.items).toMatchObject([{ status: "expired" }]);
  });

  test("past the end is empty and still tells the total", async () => {
    await addOffer("superseded", "2026-01-01T00:00:00Z");
    expect((await get("offers?page=9")).body).toEqual({ total: 1, page: 9, page_size: 20, items: [] });
  });

  test.each(["page=0", "page_size=101", "page_size=0", "page=x", "page=1.5"])("%s is 400", async (query) => {
    const { status, body } = await get(`offers?${query}`);
    expect([status, body.code]).toEqual([400, "invalid_query"]);
  });
});

// Of our form, with a time that PostgreSQL does not know.
const forgedCursor = (time: string): string =>
  `cursor=${Buffer.from(`${time} 0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c`).toString("base64url")}`;

describe("the notifications list", () => {
  test("pages through everything once, newest first, also within one millisecond", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++)
      ids.unshift(await addNotification(`2026-01-01T00:00:00.00000${index}Z`));
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await get(`notifications?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  test("shows what the person was told", async () => {
    const id = await addNotification("2026-01-01T00:00:00Z");
    expect((await get("notifications")).body).toEqual({
      items: [
        {
          id,
          userId: person.id,
          type: "CREDIT_LIMIT_APPLIED",
          title: "Title",
          message: "Message",
          createdAt: "2026-01-01T00:00:00.000Z",
        },
      ],
      nextCursor: null,
    });
  });

  test.each([
    "cursor=nonsense",
    "cursor=MjAyNi0wMS0wMQ",
    forgedCursor("2026-02-30T00:00:00.000000Z"),
    forgedCursor("0000-01-01T00:00:00.000000Z"),
    "limit=0",
    "limit=101",
  ])("%s is 400", async (query) => {
    const { status, body } = await get(`notifications?${query}`);
    expect([status, body.code]).toEqual([400, "invalid_query"]);
  });

  test("a person may write their id in capitals", async () => {
    const { status } = await replica.send("GET", `/v1/users/${person.id.toUpperCase()}/notifications`, {
      caller: person.caller,
    });
    expect(status).toBe(200);
  });
});

describe.each(["offers", "notifications"])("who may read %s", (what) => {
  test("a stranger is refused, an operator is not", async () => {
    const stranger = await makePerson(database.sql);
    expect((await get(what, stranger.caller)).status).toBe(403);
    expect((await get(what, { kind: "internal" })).status).toBe(403);
    expect((await get(what, { kind: "operator", id: stranger.id })).status).toBe(200);
  });
});
