import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TOKEN_REVOCATIONS_PATH, tokenRevocations } from "../../contracts/token-revocations.ts";
import { type Caller, TOKEN_EXPIRES_HEADER, TOKEN_ID_HEADER } from "../../platform/identity/caller.ts";
import { type CreditReplica, NO_REDIS, startCredit } from "../../tests/harness/credit-service.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { dropOldRevocations } from "../sql/token-revocations.ts";

let database: FreshDatabase;
let replica: CreditReplica;
let person: { id: string; caller: Caller; email: string };
const operator = { kind: "operator" as const, id: randomUUID() };
const PASSWORD = "correct-horse-battery";

beforeAll(async () => {
  database = await freshDatabase();
  const nobody = "http://127.0.0.1:9";
  replica = await startCredit({ sql: database.sql, redisUrl: NO_REDIS, modelUrls: [nobody] });
});
afterAll(async () => {
  for (const started of [replica, database]) await started?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const email = `${randomUUID()}@example.com`;
  const { body } = await replica.send("POST", "/v1/auth/register", { body: { email, password: PASSWORD } });
  person = { id: body.id, caller: { kind: "user", id: body.id }, email };
});

const claimsOfLogin = async () => {
  const { body } = await replica.send("POST", "/v1/auth/login", {
    body: { email: person.email, password: PASSWORD },
  });
  return decodeJwt<{ gen: number }>(body.access_token as string);
};
const inAnHour = () => Date.now() + 3_600_000;
const logOut = (tokenId: string, body?: unknown, caller = person.caller) =>
  replica.send("POST", "/v1/auth/logout", {
    caller,
    body,
    headers: { [TOKEN_ID_HEADER]: tokenId, [TOKEN_EXPIRES_HEADER]: String(inAnHour()) },
  });
const revoke = (body: unknown, headers: Record<string, string> = {}, caller: Caller = operator) =>
  replica.send("POST", "/v1/token-revocations", { caller, body, headers });
const feed = async (since = "0", more = "") =>
  tokenRevocations.parse((await replica.send("GET", `${TOKEN_REVOCATIONS_PATH}?since=${since}${more}`)).body);
const rows = () => database.sql`
  select token_id, generation, reason, revoked_by from token_revocations where user_id = ${person.id} order by id`;

describe("logging out", () => {
  test("ends the one token that it comes with, however often it is asked, and says who did it", async () => {
    const { jti } = await claimsOfLogin();
    for (let turn = 0; turn < 2; turn++) expect(await logOut(jti!)).toMatchObject({ status: 204, body: "" });
    expect(await rows()).toEqual([
      { token_id: jti, generation: null, reason: "logged out", revoked_by: person.id },
    ]);
    expect((await claimsOfLogin()).jti).not.toBe(jti);
  });

  test("everywhere ends every token there is, and none that comes after it", async () => {
    const before = await claimsOfLogin();
    expect((await logOut(before.jti!, { everywhere: true })).status).toBe(204);
    const [row] = await rows();
    expect(row?.["generation"]).toBeGreaterThan(before.gen);
    expect((await claimsOfLogin()).gen).toBe(row?.["generation"]);
  });

  test("everywhere, however often and by how many at once, leaves one row, and none of an operator's", async () => {
    const order = { userId: person.id, reason: "The phone was stolen" };
    expect((await revoke(order)).status).toBe(201);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => logOut(randomUUID(), { everywhere: true })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(204));
    expect(await rows()).toMatchObject([
      { generation: 1, revoked_by: operator.id },
      { generation: 9, revoked_by: person.id },
    ]);
    const { revocations } = await feed();
    expect(revocations).toContainEqual(expect.objectContaining({ userId: person.id, generation: 9 }));
    expect((await claimsOfLogin()).gen).toBe(9);
  });

  test("whoever has no token ends none, and a bad body changes nothing", async () => {
    expect((await logOut("x", undefined, { kind: "anonymous" })).status).toBe(403);
    const bad = await logOut("x", { everywhere: "yes" });
    expect([bad.status, bad.body.errors]).toMatchObject([422, [{ pointer: "/everywhere" }]]);
    expect((await replica.send("POST", "/v1/auth/logout", { caller: person.caller })).status).toBe(401);
    expect(await rows()).toEqual([]);
  });
});

describe("an operator's revocation", () => {
  test("ends every token of the person once for each key, and is kept with its reason", async () => {
    const before = await claimsOfLogin();
    const order = { userId: person.id, reason: "The phone was stolen" };
    const key = { "idempotency-key": randomUUID() };
    const first = await revoke(order, key);
    expect(first).toMatchObject({
      status: 201,
      body: { ...order, scope: "user", revokedBy: operator.id },
    });
    const again = await revoke(order, key);
    expect([again.body, again.headers.get("idempotency-hit")]).toEqual([first.body, "true"]);
    expect(first.headers.has("idempotency-hit")).toBe(false);
    expect((await claimsOfLogin()).gen).toBe(before.gen + 1);

    await logOut("one-of-theirs");
    const listed = (query: string) =>
      replica.send("GET", `/v1/token-revocations?userId=${person.id}${query}`, { caller: operator });
    const page = await listed("&limit=1");
    expect(page.body).toMatchObject({ items: [{ scope: "token", revokedBy: person.id }] });
    expect((await listed(`&cursor=${page.body.nextCursor}`)).body).toEqual({
      items: [first.body],
      nextCursor: null,
    });
  });

  test("is for operators, needs a person and a reason, and changes nothing otherwise", async () => {
    const order = { userId: person.id, reason: "why" };
    expect((await revoke(order, {}, person.caller)).status).toBe(403);
    const list = await replica.send("GET", "/v1/token-revocations", { caller: person.caller });
    expect(list.status).toBe(403);
    expect(await revoke({ ...order, userId: randomUUID() })).toMatchObject({
      status: 404,
      body: { code: "user_not_found" },
    });
    for (const reason of ["", "  "]) {
      const bad = await revoke({ userId: "ada", reason });
      expect(bad.body.errors).toMatchObject([{ pointer: "/userId" }, { pointer: "/reason" }]);
    }
    expect((await claimsOfLogin()).gen).toBe(0);
    expect(await rows()).toEqual([]);
  });
});

describe("what gateways are told", () => {
  test("is everything in force at first, then what is new, and nothing that has expired", async () => {
    await logOut("known");
    const all = await feed();
    expect(all.revocations).toContainEqual({ tokenId: "known", expiresAt: expect.any(Number) as number });
    // It is told again as long as a transaction is under way anywhere in the server; other test files have theirs.
    const next = await until(async () => {
      const again = await feed();
      return (await feed(again.next)).revocations.length === 0 && again.next;
    });
    await logOut("new", { everywhere: true });
    expect((await feed(next)).revocations).toEqual([
      { userId: person.id, generation: 1, expiresAt: expect.any(Number) as number },
    ]);
    await database.sql`update token_revocations set expires_at = now()`;
    expect((await feed()).revocations).toEqual([]);
    expect((await replica.send("GET", `${TOKEN_REVOCATIONS_PATH}?since=-1`)).status).toBe(400);
  });

  test("leaves out nothing that is committed later than what was written after it", async () => {
    const late = await database.sql.reserve();
    await late`begin`;
    await late`
      insert into token_revocations (id, user_id, token_id, reason, revoked_by, expires_at)
      values (${randomUUID()}, ${person.id}, 'late', 'test', ${person.id}, now() + interval '1 hour')`;
    await logOut("early");
    const { revocations, next } = await feed();
    const ids = (of: typeof revocations) => of.flatMap((each) => ("tokenId" in each ? [each.tokenId] : []));
    expect(ids(revocations)).toContain("early");
    await late`commit`;
    late.release();
    expect(ids((await feed(next)).revocations)).toContain("late");
  });

  test("comes in pages that are all of it together, however much one transaction wrote", async () => {
    for (let n = 0; n < 5; n++) await logOut(`page-${randomUUID()}`);
    // Written in one transaction, more than a page has.
    await database.sql`
      insert into token_revocations (id, user_id, token_id, reason, revoked_by, expires_at)
      select gen_random_uuid(), ${person.id}, gen_random_uuid()::text, 'test', ${person.id}, now() + interval '1 hour'
      from generate_series(1, 7)`;
    await logOut(`page-${randomUUID()}`);
    const whole = await feed();
    const paged: typeof whole.revocations = [];
    let pages = 0;
    for (let after: string | undefined = ""; after !== undefined; pages++) {
      const page: typeof whole = await feed("0", `&most=3${after && `&after=${after}`}`);
      expect(page.revocations.length).toBeLessThanOrEqual(3);
      paged.push(...page.revocations);
      ({ after } = page);
    }
    expect(pages).toBeGreaterThan(4);
    const sorted = (revocations: typeof paged) => revocations.map((one) => JSON.stringify(one)).toSorted();
    expect(sorted(paged)).toEqual(sorted(whole.revocations));
    expect(whole.after).toBeUndefined();
  });

  test("begins again where the server's transactions do, after a restore", async () => {
    await logOut("before-the-restore");
    const { revocations } = await feed("900000000000000000");
    expect(revocations).toContainEqual(expect.objectContaining({ tokenId: "before-the-restore" }));
  });

  test("is forgotten long after it has done its work", async () => {
    await logOut("old");
    await logOut("older");
    await database.sql`
      update token_revocations set expires_at = now() - interval '91 days' where token_id = 'older'`;
    await dropOldRevocations(database.sql, 90, 100);
    expect((await rows()).map((row) => row["token_id"])).toEqual(["old"]);
  });
});
