import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import {
  NO_RULES,
  PROBLEMS,
  audit,
  authorizeOne,
  captureOne,
  openLine,
  purchase,
  tell,
} from "../../tests/ledger/credit-line.ts";
import { authorize } from "./authorize.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const SOUND = [0, 0, 0, 0];

test("a purchase within the limit is approved and reserves its amount; beyond it is declined and reserves nothing", async () => {
  const line = await openLine(sql, 10_000);
  const first = await authorizeOne(sql, line, { amount: "60.00", reference: "order-1" });
  expect(first).toMatchObject({
    status: 201,
    body: {
      status: "approved",
      userId: line.owner,
      amount: "60.00",
      openAmount: "60.00",
      referenceId: "order-1",
    },
  });
  const second = await authorizeOne(sql, line, { amount: "40.01" });
  expect(second).toMatchObject({
    status: 201,
    body: { status: "declined", reason: "insufficient_credit", available: "40.00" },
  });
  expect(await audit(sql, line)).toEqual({ posted: 0, pending: 6_000, version: 2, wrong: SOUND });
  const events =
    await sql`select subject, payload from outbox where payload ->> 'userId' = ${line.owner} order by id`;
  expect(events).toMatchObject([
    { subject: "authorization.approved", payload: { authorizationId: first.body.id, accountVersion: 2 } },
    {
      subject: "authorization.declined",
      payload: { authorizationId: second.body.id, reason: "insufficient_credit" },
    },
  ]);
});

test("a reference is decided once: a repeat gets the same authorization, another amount is refused", async () => {
  const line = await openLine(sql);
  for (const amount of ["20.00", "200.00"]) {
    const first = await authorizeOne(sql, line, { amount, reference: `order-${amount}` });
    const again = await authorizeOne(sql, line, { amount, reference: `order-${amount}` });
    expect(again).toMatchObject({
      status: 200,
      replayed: true,
      body: { id: first.body.id, status: first.body.status },
    });
    expect(await authorizeOne(sql, line, { amount: "21", reference: `order-${amount}` })).toMatchObject({
      status: 409,
      body: { code: "reference_reused", errors: [{ pointer: "/referenceId" }] },
    });
  }
  expect(await audit(sql, line)).toMatchObject({ pending: 2_000, version: 2 });
});

test("the same key answers the very same bytes, with another body it is refused", async () => {
  const line = await openLine(sql);
  const asked = purchase(line, { key: "k-1", hash: "6f6e65" });
  const [first] = await authorize(sql, [asked], NO_RULES, PROBLEMS);
  const [again] = await authorize(sql, [{ ...asked, id: uuidv7(), requestId: "later" }], NO_RULES, PROBLEMS);
  expect(again).toEqual({ status: 201, body: first!.body, replayed: true });
  const [misused] = await authorize(sql, [{ ...asked, hash: "74776f" }], NO_RULES, PROBLEMS);
  expect(tell(misused!)).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  const capturing = { key: "k-2", hash: "63", id: uuidv7() };
  const { id } = tell(first!).body as { id: string };
  const captured = await captureOne(sql, line, id, capturing);
  expect(await captureOne(sql, line, id, { ...capturing, id: uuidv7() })).toEqual({
    ...captured,
    replayed: true,
  });
  expect(await audit(sql, line)).toMatchObject({ posted: 1_000, pending: 0, version: 3 });
});

test.each([
  ["an amount above the largest allowed", { maxAmount: "9.99" }, {}, "amount_too_high"],
  ["one purchase too many within the window", {}, { count: 2 }, "velocity_exceeded"],
  ["too much money within the window", {}, { amount: "29.99" }, "velocity_exceeded"],
])("the risk check declines %s", async (_, rule, velocity, reason) => {
  const line = await openLine(sql);
  for (let n = 0; n < 2; n++) await authorizeOne(sql, line);
  const policy = { ...NO_RULES, ...rule, velocity: { ...NO_RULES.velocity, ...velocity } };
  expect((await authorizeOne(sql, line, {}, policy)).body).toMatchObject({ status: "declined", reason });
  await sql`update ledger_holds set placed_at = placed_at - interval '61 seconds'`;
  const later = await authorizeOne(sql, line, {}, { ...policy, maxAmount: null });
  expect(later.body).toMatchObject({ status: "approved" });
});

test("without a line, and on a frozen one, a purchase is declined with the reason", async () => {
  const line = await openLine(sql);
  const nobody = { ...line, owner: uuidv7() };
  expect((await authorizeOne(sql, nobody)).body).toMatchObject({
    status: "declined",
    reason: "no_credit_line",
  });
  expect((await authorizeOne(sql, line, { currency: "EUR" })).body).toMatchObject({
    reason: "no_credit_line",
  });
  const { body } = await authorizeOne(sql, line);
  await sql`update ledger_accounts set status = 'frozen' where id = ${line.accountId}::uuid`;
  expect((await authorizeOne(sql, line)).body).toMatchObject({
    status: "declined",
    reason: "account_frozen",
  });
  expect((await captureOne(sql, line, body.id)).status).toBe(201);
});

test("an amount with more places than the currency has is refused and names the field", async () => {
  const line = await openLine(sql);
  expect(await authorizeOne(sql, line, { amount: "1.001" })).toMatchObject({
    status: 422,
    body: { code: "validation_failed", errors: [{ pointer: "/amount" }] },
  });
  expect(await audit(sql, line)).toMatchObject({ pending: 0, version: 1 });
});
