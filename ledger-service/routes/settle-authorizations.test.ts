import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import type { LedgerBody } from "../../tests/harness/answer-body.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type LedgerReplica, startLedger } from "../../tests/harness/ledger-service.ts";
import { type Line, PROBLEMS, authorizeOne, captureOf, openLine } from "../../tests/ledger/credit-line.ts";
import { capture } from "../sql/settle-holds.ts";

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

const OPERATOR = undefined;
const callerOf = ({ owner }: Line): Caller => ({ kind: "user", id: owner });
const settle = (path: string, caller: Caller | undefined, key?: string) =>
  ledger.send("POST", path, { body: {}, ...(caller && { caller }), ...(key !== undefined && { key }) });
const decline = async (line: Line, group: string | null = null): Promise<string> => {
  const { body } = await authorizeOne(database.sql, line, { amount: "9000.00", group });
  expect(body).toMatchObject({ status: "declined", reason: "insufficient_credit" });
  return body.id as string;
};

test("nobody takes the reference by which a saga finds its own capture again", async () => {
  const line = await openLine(database.sql);
  const { body: hold } = await authorizeOne(database.sql, line, { amount: "5" });
  const { status, body } = await ledger.send("POST", `/v1/authorizations/${hold.id}/capture`, {
    body: { amount: "1", referenceId: `saga:${hold.id}:post` },
  });
  expect([status, body.errors?.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
    422,
    ["/referenceId"],
  ]);
  const [row] = await database.sql`select captured from ledger_holds where id = ${hold.id as string}`;
  expect(row?.["captured"]).toBe("0");
});

test.each(["capture", "void"])("a %s of what was declined is told so, with the reason", async (action) => {
  const [line, other] = [await openLine(database.sql), await openLine(database.sql)];
  const id = await decline(line);
  const path = `/v1/authorizations/${id}/${action}`;
  for (const caller of [callerOf(line), OPERATOR])
    expect(await settle(path, caller)).toMatchObject({
      status: 409,
      body: { code: "authorization_declined", authorizationId: id, reason: "insufficient_credit" },
    });
  const stranger = await settle(path, callerOf(other));
  expect([stranger.status, stranger.body.code]).toEqual([404, "authorization_not_found"]);
  expect(stranger.text).not.toMatch(/declined|insufficient_credit/);
});

test.each(["capture", "void"])(
  "a %s of a group of which everything was declined is told so",
  async (action) => {
    const [line, other] = [await openLine(database.sql), await openLine(database.sql)];
    const groupId = randomUUID();
    const id = await decline(line, groupId);
    await decline(line, groupId);
    const path = `/v1/authorization-groups/${groupId}/${action}`;
    expect(await settle(path, callerOf(line))).toMatchObject({
      status: 409,
      body: { code: "authorization_declined", authorizationId: id },
    });
    expect((await settle(path, callerOf(other))).status).toBe(404);
    const { body } = await authorizeOne(database.sql, line, { group: groupId });
    const settled = await settle(path, callerOf(line));
    expect([settled.status, settled.body.items]).toMatchObject([200, { length: 1 }]);
    expect(settled.text).toContain(body.id as string);
  },
);

test.each([
  "authorizations/*/capture",
  "authorizations/*/void",
  "authorization-groups/*/capture",
  "authorization-groups/*/void",
])("that there is nothing to settle is remembered under its key: %s", async (route) => {
  const line = await openLine(database.sql);
  const path = `/v1/${route.replace("*", randomUUID())}`;
  const key = randomUUID();
  const first = await settle(path, callerOf(line), key);
  expect([first.status, first.headers.get("idempotency-hit")]).toEqual([404, null]);
  const again = await settle(path, callerOf(line), key);
  expect([again.status, again.text, again.headers.get("idempotency-hit")]).toEqual([404, first.text, "true"]);
  expect(await settle(`/v1/${route.replace("*", randomUUID())}`, callerOf(line), key)).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
});

test("parts of one hold in one batch say each the state after itself, in their answers and events", async () => {
  const line = await openLine(database.sql);
  const { body } = await authorizeOne(database.sql, line);
  const id = body.id as string;
  const parts = ["4", "1", "2", null].map((amount, n) => ({
    ...captureOf(line, id),
    amount,
    final: n === 2,
  }));
  const answers = await capture(database.sql, parts, PROBLEMS);
  const told = answers.map(({ body: text }) => {
    const { authorization, code } = JSON.parse(text) as LedgerBody;
    return authorization ? [authorization.status, authorization.openAmount] : code;
  });
  expect(told).toEqual([
    ["approved", "6.00"],
    ["approved", "5.00"],
    ["captured", "0.00"],
    "hold_already_captured",
  ]);
  const events = await database.sql`
    select payload ->> 'status' as status, payload ->> 'capturedAmount' as captured,
      payload ->> 'releasedAmount' as released
    from outbox where subject = 'authorization.captured' and payload ->> 'authorizationId' = ${id}
    order by (payload ->> 'accountVersion')::int`;
  expect([...events]).toEqual([
    { status: "approved", captured: "4.00", released: "0.00" },
    { status: "approved", captured: "1.00", released: "0.00" },
    { status: "captured", captured: "2.00", released: "3.00" },
  ]);
});
