import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authorization } from "../../contracts/http/authorizations.ts";
import { capture, captureMade } from "../../contracts/http/settle-authorizations.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import type { FreshDatabase } from "../../tests/harness/database.ts";
import { startLedger } from "../../tests/harness/ledger-service.ts";
import type { LedgerReplica } from "../../tests/harness/ledger-service.ts";
import { audit, openLine } from "../../tests/ledger/credit-line.ts";
import type { Line } from "../../tests/ledger/credit-line.ts";

let database: FreshDatabase;
let ledger: LedgerReplica;
beforeAll(async () => {
  database = await freshDatabase();
  ledger = startLedger(database.sql);
});
afterAll(async () => {
  await ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const callerOf = ({ owner }: Pick<Line, "owner">): Caller => ({ kind: "user", id: owner });
const authorize = (line: Pick<Line, "owner">, body: unknown, key?: string) =>
  ledger.send("POST", "/v1/authorizations", { caller: callerOf(line), body, ...(key && { key }) });
const settle = (line: Line, path: string, body: unknown = {}) =>
  ledger.send("POST", path, { caller: callerOf(line), body });

test("a person authorizes, captures a part, voids the rest, and sees it all", async () => {
  const line = await openLine(database.sql);
  const approved = await authorize(line, { amount: 42.5, referenceId: "order-1" });
  expect(approved.status).toBe(201);
  expect(authorization.parse(approved.body)).toMatchObject({
    status: "approved",
    amount: "42.50",
    userId: line.owner,
  });
  const path = `/v1/authorizations/${approved.body.id}`;
  const captured = await settle(line, `${path}/capture`, { amount: "40.10" });
  expect(captured.status).toBe(201);
  expect(capture.parse(captured.body)).toMatchObject({
    amount: "40.10",
    authorization: { status: "approved", openAmount: "2.40" },
  });
  const [told] = await database.sql`
    select payload from outbox
    where subject = 'authorization.captured' and payload ->> 'authorizationId' = ${approved.body.id}`;
  expect(told!["payload"]).toMatchObject({
    status: "approved",
    capturedAmount: "40.10",
    releasedAmount: "0.00",
  });
  expect((await settle(line, `${path}/void`)).status).toBe(200);
  expect((await settle(line, `${path}/void`)).body.code).toBe("hold_voided");
  const shown = await ledger.send("GET", path, { caller: callerOf(line) });
  expect(authorization.parse(shown.body)).toMatchObject({
    status: "voided",
    capturedAmount: "40.10",
    releasedAmount: "2.40",
  });
  const declined = await authorize(line, { amount: "1000" });
  expect(authorization.parse(declined.body)).toMatchObject({
    status: "declined",
    reason: "insufficient_credit",
    amount: "1000.00",
    available: "59.90",
  });
  const kept = await ledger.send("GET", `/v1/authorizations/${declined.body.id}`, { caller: callerOf(line) });
  expect(kept.body).toMatchObject({ status: "declined", amount: "1000.00" });
  expect(await audit(database.sql, line)).toMatchObject({ posted: 4_010, pending: 0 });
});

test("amounts are written with the currency's places, whether approved or declined, and told with them", async () => {
  const line = await openLine(database.sql);
  const written = async (body: object) => {
    const answer = (await authorize(line, body)).body;
    const shown = await ledger.send("GET", `/v1/authorizations/${answer.id}`, { caller: callerOf(line) });
    const [event] = await database.sql`
      select payload ->> 'amount' as amount from outbox where payload ->> 'authorizationId' = ${answer.id}`;
    return [answer.status, answer.amount, shown.body.amount, event!["amount"]];
  };
  expect(await written({ amount: "1" })).toEqual(["approved", "1.00", "1.00", "1.00"]);
  expect(await written({ amount: 9000 })).toEqual(["declined", "9000.00", "9000.00", "9000.00"]);
  expect(await written({ amount: "2.5", currency: "EUR" })).toEqual(["declined", "2.50", "2.50", "2.50"]);
});

test("an amount or a currency that cannot be is refused alike with a line and without one, and nothing is decided", async () => {
  const line = await openLine(database.sql);
  const without = { owner: randomUUID() };
  for (const who of [line, without])
    for (const [body, pointer] of [
      [{ amount: "1.001" }, "/amount"],
      [{ amount: "1.5", currency: "JPY" }, "/amount"],
      [{ amount: "1", currency: "ZZZ" }, "/currency"],
    ] as const)
      expect(await authorize(who, body)).toMatchObject({
        status: 422,
        body: { code: "validation_failed", errors: [{ pointer }] },
      });
  const [kept] = await database.sql`
    select count(*)::int as declines from ledger_declines where owner_id in (${line.owner}, ${without.owner})`;
  expect(kept!["declines"]).toBe(0);
});

test("what was taken of an authorization is listed, what was moved back among it, to whoever may see it", async () => {
  const [line, other] = [await openLine(database.sql), await openLine(database.sql)];
  const { id } = (await authorize(line, { amount: "30" })).body;
  const second = (await authorize(line, { amount: "30" })).body.id as string;
  const captured: string[] = [];
  for (const [of, amount, referenceId] of [
    [id, "5", "part-1"],
    [second, "7", undefined],
    [id, "6", undefined],
    [second, "7", undefined],
    [id, "4", "part-3"],
  ] as const) {
    const body = { amount, ...(referenceId && { referenceId }) };
    const made = await settle(line, `/v1/authorizations/${of}/capture`, body);
    expect(made.status).toBe(201);
    if (of === id) captured.push(made.body.transferId);
  }
  await ledger.send("POST", `/v1/authorizations/${id}/void`, { caller: callerOf(line), body: {} });
  await settle(line, `/v1/authorizations/${second}/capture`, {});
  const back = await ledger.send("POST", `/v1/transfers/${captured[1]!}/revert`, { body: {} });
  const list = async (path: string, caller?: Caller) =>
    (await ledger.send("GET", path, caller && { caller })) as unknown as { status: number; body: Captures };

  const path = `/v1/authorizations/${id}/captures`;
  const all = [
    { transferId: captured[0], amount: "5.00", currency: "USD", referenceId: "part-1" },
    { transferId: captured[1], amount: "6.00", currency: "USD", revertedByTransferId: back.body.id },
    { transferId: captured[2], amount: "4.00", currency: "USD", referenceId: "part-3" },
  ];
  for (const caller of [callerOf(line), undefined])
    expect((await list(path, caller)).body).toMatchObject({ items: all, nextCursor: null });
  const first = (await list(`${path}?limit=2`, callerOf(line))).body;
  expect(first.items).toMatchObject(all.slice(0, 2));
  const rest = (await list(`${path}?limit=2&cursor=${first.nextCursor}`, callerOf(line))).body;
  expect(rest).toMatchObject({ items: all.slice(2), nextCursor: null });
  for (const item of [...first.items, ...rest.items]) captureMade.parse(item);
  expect((await list(path, callerOf(other))).status).toBe(404);
  const declined = (await authorize(line, { amount: "5000" })).body.id as string;
  expect((await list(`/v1/authorizations/${declined}/captures`, callerOf(line))).body.items).toEqual([]);
  expect((await list(`${path}?cursor=x`, callerOf(line))).status).toBe(400);
});

type Captures = { items: object[]; nextCursor: string | null };

test("the same Idempotency-Key gets the same bytes and says so; another body under it is refused", async () => {
  const line = await openLine(database.sql);
  const first = await authorize(line, { amount: "10" }, "k-1");
  const again = await authorize(line, { amount: "10" }, "k-1");
  expect([again.text, again.status, again.headers.get("idempotency-hit")]).toEqual([first.text, 201, "true"]);
  expect(await authorize(line, { amount: "11" }, "k-1")).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
  const other = await openLine(database.sql);
  expect((await authorize(other, { amount: "11" }, "k-1")).status).toBe(201);
  expect(await audit(database.sql, line)).toMatchObject({ pending: 1_000 });
});

test("an authorization that is found by its reference is remembered under its key as well", async () => {
  const line = await openLine(database.sql);
  const purchase = { amount: "10", referenceId: "order-2" };
  expect((await authorize(line, purchase, "a-1")).status).toBe(201);
  const found = await authorize(line, purchase, "a-2");
  expect(found.status).toBe(200);
  await settle(line, `/v1/authorizations/${found.body.id}/void`);
  const again = await authorize(line, purchase, "a-2");
  expect([again.status, again.text]).toEqual([200, found.text]);
  expect(await authorize(line, { amount: "3" }, "a-2")).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
});

test("a capture that is found by its reference is remembered under its key as well", async () => {
  const line = await openLine(database.sql);
  const { body } = await authorize(line, { amount: "10" });
  const take = (key: string, sent: object) =>
    ledger.send("POST", `/v1/authorizations/${body.id}/capture`, { caller: callerOf(line), body: sent, key });
  const part = { amount: "1", referenceId: "parcel-1" };
  expect((await take("k-1", part)).status).toBe(201);
  const found = await take("k-2", part);
  expect(found.status).toBe(200);
  expect((await take("k-3", { amount: "2" })).status).toBe(201);
  const again = await take("k-2", part);
  expect([again.status, again.text]).toEqual([200, found.text]);
  expect(await take("k-2", { amount: "3" })).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
  expect(await audit(database.sql, line)).toMatchObject({ posted: 300 });
});

test("a list has everything, newest first, page by page, declined ones among it", async () => {
  const line = await openLine(database.sql, 2_000);
  const ids: string[] = [];
  for (const amount of ["5", "50", "5", "50", "5"])
    ids.unshift((await authorize(line, { amount })).body.id as string);
  const page = async (query: string) =>
    (
      await ledger.send("GET", `/v1/users/${line.owner}/authorizations?limit=2${query}`, {
        caller: callerOf(line),
      })
    ).body;
  const found: string[] = [];
  for (let cursor = ""; ;) {
    const { items, nextCursor } = await page(cursor);
    found.push(...(items as { id: string }[]).map(({ id }) => id));
    if (nextCursor === null) break;
    cursor = `&cursor=${nextCursor}`;
  }
  expect(found).toEqual(ids);
});

test("a group is captured together, and what cannot be is named", async () => {
  const line = await openLine(database.sql);
  const groupId = randomUUID();
  const ids: string[] = [];
  for (let n = 0; n < 2; n++) ids.push((await authorize(line, { amount: "10", groupId })).body.id as string);
  const path = `/v1/authorization-groups/${groupId}`;
  const captured = await settle(line, `${path}/capture`);
  expect(captured.status).toBe(200);
  expect(captured.body.items).toHaveLength(2);
  expect(await settle(line, `${path}/void`)).toMatchObject({
    status: 409,
    body: { code: "hold_already_captured" },
  });
  expect((await settle(await openLine(database.sql), `${path}/capture`)).status).toBe(404);
});

test.each([
  [{}, "/amount"],
  [{ amount: "-1" }, "/amount"],
  [{ amount: "0.00" }, "/amount"],
  [{ amount: "1.005" }, "/amount"],
  [{ amount: "1e3" }, "/amount"],
  [{ amount: "1", currency: "usd" }, "/currency"],
  [{ amount: "1", expiresInSeconds: 0 }, "/expiresInSeconds"],
  [{ amount: "1", capture: "later" }, "/capture"],
  [{ amount: "1", groupId: "g" }, "/groupId"],
  [{ amount: "1", groupId: randomUUID(), capture: "automatic" }, "/groupId"],
  [{ amount: "1", colour: "red" }, "/colour"],
])("an authorization of %j is 422, names the field and reserves nothing", async (body, pointer) => {
  const line = await openLine(database.sql);
  expect(await authorize(line, body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  expect(await audit(database.sql, line)).toMatchObject({ pending: 0, version: 1 });
});

test("money without an Idempotency-Key, what is no JSON, and a look for no reference, is refused", async () => {
  const line = await openLine(database.sql);
  const send = (more: object) =>
    ledger.send("POST", "/v1/authorizations", { caller: callerOf(line), ...more });
  expect(await send({ body: { amount: "1" }, key: null })).toMatchObject({
    status: 400,
    body: { code: "idempotency_key_missing" },
  });
  expect(await ledger.send("GET", "/v1/authorizations", { caller: callerOf(line) })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/referenceId", detail: expect.stringMatching(/^is needed: /) as string }] },
  });
  expect((await send({ raw: "{" })).status).toBe(400);
  expect((await send({ raw: "x", headers: { "content-type": "text/plain" } })).status).toBe(415);
  expect((await ledger.send("POST", "/v1/authorizations/x/capture", { body: {} })).status).toBe(400);
});

test("strangers get nothing: not for another, not another's, not without a name; operators only settle and read", async () => {
  const [line, other] = [await openLine(database.sql), await openLine(database.sql)];
  const { body } = await authorize(line, { amount: "10" });
  const path = `/v1/authorizations/${body.id}`;
  expect(await authorize(other, { amount: "1", userId: line.owner })).toMatchObject({
    status: 403,
    body: { errors: [{ pointer: "/userId" }] },
  });
  expect((await ledger.send("GET", path, { caller: callerOf(other) })).status).toBe(404);
  expect((await settle(other, `${path}/capture`)).status).toBe(404);
  expect((await settle(other, `${path}/void`)).status).toBe(404);
  expect(
    (await ledger.send("GET", `/v1/users/${line.owner}/authorizations`, { caller: callerOf(other) })).status,
  ).toBe(403);
  const anonymous: Caller = { kind: "anonymous" };
  expect(
    (await ledger.send("POST", "/v1/authorizations", { caller: anonymous, body: { amount: "1" } })).status,
  ).toBe(403);
  expect((await ledger.send("POST", `${path}/void`, { caller: anonymous, body: {} })).status).toBe(403);
  expect((await ledger.send("POST", "/v1/authorizations", { body: { amount: "1" } })).status).toBe(403);
  expect((await ledger.send("GET", path)).status).toBe(200);
  expect((await ledger.send("POST", `${path}/void`, { body: {} })).status).toBe(200);
});
