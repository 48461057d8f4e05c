import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import { audit, openLine } from "../../tests/ledger/credit-line.ts";
import { allPages } from "../../tests/harness/all-pages.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { ALL_SCOPES, ANONYMOUS, usePartners } from "../../tests/harness/use-partners.ts";

const used = await useLedger();
const { sql, ledger } = used;
const { newPartner, link, withKey, authorize, setUp } = usePartners(used);

test("a partner authorizes for a user of its own; a saga waits to capture it, and a repeat gets the same decision", async () => {
  const { line, key, user } = await setUp();
  const body = { transaction_id: "t-1", user_id: user, amount: 42.1 };
  const first = await authorize(key, body);
  expect(first).toMatchObject({
    status: 200,
    body: { transaction_id: "t-1", user_id: user, amount: 42.1, currency: "USD", status: "approved" },
  });
  const again = await authorize(key, body);
  expect([again.text, again.headers.get("idempotency-hit")]).toEqual([first.text, "true"]);
  expect(await authorize(key, { ...body, amount: 42 })).toMatchObject({
    status: 409,
    body: { code: "reference_reused", errors: [{ pointer: "/transaction_id" }] },
  });
  expect(await audit(sql, line)).toMatchObject({ pending: 4_210, version: 2 });
  const [saga] =
    await sql`select state, step from ledger_sagas where id = ${first.body.authorization_id}::uuid`;
  expect(saga).toEqual({ state: "running", step: "post" });
  const declined = await authorize(key, { ...body, transaction_id: "t-2", amount: 99 });
  expect(declined.body).toMatchObject({ status: "declined", reason: "insufficient_credit" });
  expect(declined.body).not.toHaveProperty("available");
});

test("ids that are numbers, and amounts, are read by their digits", async () => {
  const { partnerId, key, line } = await setUp();
  await link(partnerId, "90071992547409931", line.owner);
  const raw = '{"transaction_id": 90071992547409933, "user_id": 90071992547409931, "amount": 10.10}';
  const answer = await ledger.send("POST", "/authorize", {
    caller: ANONYMOUS,
    headers: { "x-api-key": key },
    raw,
  });
  expect(answer.body).toMatchObject({
    transaction_id: "90071992547409933",
    user_id: "90071992547409931",
    status: "approved",
  });
  expect(answer.text).toContain('"amount":10.10');
});

test.each([
  [{ user_id: "u", amount: 1 }, "/transaction_id"],
  [{ transaction_id: "t", amount: 1 }, "/user_id"],
  [{ transaction_id: "t", user_id: "u" }, "/amount"],
  [{ transaction_id: "t", user_id: "u", amount: -1 }, "/amount"],
  [{ transaction_id: "t", user_id: "u", amount: 0.001 }, "/amount"],
  [{ transaction_id: "t", user_id: "u", amount: 1, more: 1 }, "/more"],
])("%j to /authorize is 422 and names the field", async (given, pointer) => {
  const { key, user, line } = await setUp();
  const body = "user_id" in given ? { ...given, user_id: user } : given;
  expect(await authorize(key, body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  expect(await audit(sql, line)).toMatchObject({ pending: 0, version: 1 });
});

test("a person who is not linked to the partner is not found, whatever id is tried", async () => {
  const { line, key } = await setUp();
  for (const id of [line.owner, "nobody"])
    expect(await authorize(key, { transaction_id: randomUUID(), user_id: id, amount: 1 })).toMatchObject({
      status: 404,
      body: { code: "user_not_found", errors: [{ pointer: "/user_id" }] },
    });
});

test("a partner captures what it asked for itself, and sees nobody else's", async () => {
  const { key, user } = await setUp();
  const other = await setUp();
  const { body } = await withKey(key, "POST", "/v1/authorizations", { amount: "10", userId: user });
  const path = `/v1/authorizations/${body.id}`;
  expect((await withKey(other.key, "GET", path)).status).toBe(404);
  expect((await withKey(other.key, "POST", `${path}/capture`, {})).status).toBe(404);
  expect((await withKey(key, "POST", `${path}/capture`, {})).status).toBe(201);
  expect((await withKey(key, "GET", path)).body.status).toBe("captured");
  expect(await withKey(key, "POST", "/v1/authorizations", { amount: "10" })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: "/userId" }] },
  });
  const stranger = { amount: "10", userId: "nobody" };
  expect(await withKey(key, "POST", "/v1/authorizations", stranger)).toMatchObject({
    status: 404,
    body: { code: "user_not_found", errors: [{ pointer: "/userId" }] },
  });
});

test.each([
  ["USD", "10.00"],
  // The captures are in USD, and settle with the platform.
  ["EUR", "0.00"],
])("captures of a partner go to its own settlement account, which is in %s", async (currency, balance) => {
  const { key, user, partnerId } = await setUp();
  const account = await ledger.send("POST", "/v1/accounts", {
    body: { kind: "bank", currency, name: "Shop" },
  });
  expect(account.status).toBe(201);
  const settlementAccountId = account.body.id as string;
  const changed = await ledger.send("PATCH", `/v1/partners/${partnerId}`, { body: { settlementAccountId } });
  expect(changed).toMatchObject({ status: 200, body: { status: "active", settlementAccountId } });
  const { body } = await withKey(key, "POST", "/v1/authorizations", { amount: "10", userId: user });
  expect((await withKey(key, "POST", `/v1/authorizations/${body.id}/capture`, {})).status).toBe(201);
  expect((await ledger.send("GET", `/v1/accounts/${account.body.id}`)).body.balance).toBe(balance);
});

test("a partner is changed as asked, by operators alone, and what is wrong is named", async () => {
  const partnerId = await newPartner();
  const change = (body: unknown, id = partnerId) => ledger.send("PATCH", `/v1/partners/${id}`, { body });
  for (const [body, pointer] of [
    [{}, "/status"],
    [{ status: "gone" }, "/status"],
    [{ settlementAccountId: "a" }, "/settlementAccountId"],
    [{ status: "active", name: "Other" }, "/name"],
  ] as const)
    expect(await change(body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  expect(await change({ status: "suspended", settlementAccountId: randomUUID() })).toMatchObject({
    status: 404,
    body: { code: "account_not_found", errors: [{ pointer: "/settlementAccountId" }] },
  });
  expect((await change({ status: "suspended" }, randomUUID())).body.code).toBe("not_found");
  expect((await change({ settlementAccountId: null }, randomUUID())).body.code).toBe("not_found");
  const person: Caller = { kind: "user", id: randomUUID() };
  const asPerson = { caller: person, body: { settlementAccountId: null } };
  expect((await ledger.send("PATCH", `/v1/partners/${partnerId}`, asPerson)).status).toBe(403);
  const line = await openLine(sql);
  expect((await change({ settlementAccountId: line.accountId })).status).toBe(404);
  const listed = (await ledger.send("GET", "/v1/partners")).body.items as { id: string }[];
  expect(listed.find(({ id }) => id === partnerId)).toMatchObject({
    status: "active",
    settlementAccountId: null,
  });
});

test("an id that a partner knows somebody by stays theirs until it is unlinked", async () => {
  const { partnerId, user } = await setUp();
  const somebody = randomUUID();
  expect((await link(partnerId, user, somebody)).body.code).toBe("user_already_linked");
  expect((await ledger.send("DELETE", `/v1/partners/${partnerId}/users/${user}`)).status).toBe(204);
  expect(await link(partnerId, user, somebody)).toMatchObject({
    status: 200,
    body: { externalUserId: user, userId: somebody },
  });
});

test("whom a partner may ask for is listed in pages, and is nobody else's business", async () => {
  const { partnerId, line, user } = await setUp();
  await setUp();
  const more = Array.from({ length: 4 }, (_, n) => `z-${n}`);
  for (const id of more) await link(partnerId, id, randomUUID());
  const path = `/v1/partners/${partnerId}/users`;
  const ids: string[] = [];
  for (let cursor = ""; ids.length < 5;) {
    const { status, body } = await ledger.send("GET", `${path}?limit=2${cursor}`);
    expect(status).toBe(200);
    ids.push(...body.items.map((item: { externalUserId: string }) => item.externalUserId));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(ids).toEqual([user, ...more]);
  const [first] = (await ledger.send("GET", `${path}?limit=1`)).body.items;
  expect(first).toEqual({ externalUserId: user, userId: line.owner, linkedAt: expect.any(String) as string });
  expect((await ledger.send("GET", `${path}?cursor=%00`)).status).toBe(400);
  expect((await ledger.send("GET", `/v1/partners/${randomUUID()}/users`)).status).toBe(404);
  const caller: Caller = { kind: "user", id: line.owner };
  expect((await ledger.send("GET", path, { caller })).status).toBe(403);
});

test("partners and keys are for operators, and bad input names the field", async () => {
  const { partnerId, keyId } = await setUp();
  const person: Caller = { kind: "user", id: randomUUID() };
  for (const [method, path, body] of [
    ["POST", "/v1/partners", { name: "x" }],
    ["GET", "/v1/partners", undefined],
    ["PATCH", `/v1/partners/${partnerId}`, { status: "active" }],
    ["POST", `/v1/partners/${partnerId}/keys`, { scopes: ALL_SCOPES }],
    ["GET", `/v1/partners/${partnerId}/keys`, undefined],
    ["POST", `/v1/partners/${partnerId}/keys/${keyId}/rotate`, {}],
    ["POST", `/v1/partners/${partnerId}/keys/${keyId}/revoke`, undefined],
    ["PUT", `/v1/partners/${partnerId}/users/u`, { userId: person.id }],
    ["DELETE", `/v1/partners/${partnerId}/users/u`, undefined],
  ] as const)
    expect((await ledger.send(method, path, { caller: person, body })).status).toBe(403);
  const nobody = randomUUID();
  for (const [path, body, pointer] of [
    ["/v1/partners", { name: "" }, "/name"],
    ["/v1/partners", { name: "x", settlementAccountId: "a" }, "/settlementAccountId"],
    [`/v1/partners/${partnerId}/keys`, { scopes: [] }, "/scopes"],
    [`/v1/partners/${partnerId}/keys`, { scopes: ["all"] }, "/scopes/0"],
    [`/v1/partners/${partnerId}/keys/${keyId}/rotate`, { graceSeconds: -1 }, "/graceSeconds"],
  ] as const)
    expect(await ledger.send("POST", path, { body })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  expect(
    (await ledger.send("POST", "/v1/partners", { body: { name: "x", settlementAccountId: nobody } })).status,
  ).toBe(404);
  expect(
    (await ledger.send("POST", `/v1/partners/${nobody}/keys`, { body: { scopes: ALL_SCOPES } })).status,
  ).toBe(404);
  expect(
    (await ledger.send("POST", `/v1/partners/${partnerId}/keys/${nobody}/rotate`, { body: {} })).status,
  ).toBe(404);
  expect((await ledger.send("POST", `/v1/partners/${partnerId}/keys/${nobody}/revoke`)).status).toBe(404);
  expect((await link(nobody, "u", nobody)).status).toBe(404);
});

test("partners are listed page by page, newest id first, each once", async () => {
  const made = [await newPartner(), await newPartner(), await newPartner()].toSorted().toReversed();
  const { items, pages } = await allPages(ledger, "/v1/partners", 2);
  expect(items.slice(0, 3)).toEqual(made);
  expect(new Set(items).size).toBe(items.length);
  const [{ count }] = (await sql`select count(*)::int from ledger_partners`) as unknown as [
    { count: number },
  ];
  expect([items.length, pages]).toEqual([count, Math.ceil(count / 2)]);
  for (const query of ["cursor=x", "limit=0", "limit=101"])
    expect(await ledger.send("GET", `/v1/partners?${query}`)).toMatchObject({
      status: 400,
      body: { code: "invalid_query" },
    });
});
