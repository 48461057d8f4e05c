import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidV7 } from "../../platform/identity/uuid-v7.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { until } from "../../tests/harness/until.ts";
import { authorize } from "./authorize.ts";
import {
  NO_RULES,
  PROBLEMS,
  audit,
  authorizeOne,
  captureOne,
  openLine,
  purchase,
  tell,
  voidOne,
} from "../../tests/ledger/credit-line.ts";
import { postTransfers } from "./post-transfers.ts";
import { expireHolds } from "./settle-holds.ts";

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

test("captures in parts, the last one final, post what was taken and release the rest", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line, { amount: "50" });
  const first = await captureOne(sql, line, body.id, { amount: "20" });
  expect(first).toMatchObject({
    status: 201,
    body: {
      amount: "20.00",
      authorization: { status: "approved", capturedAmount: "20.00", openAmount: "30.00" },
    },
  });
  expect(await captureOne(sql, line, body.id, { amount: "30.01" })).toMatchObject({
    status: 422,
    body: { code: "capture_exceeds_hold", openAmount: "30.00", errors: [{ pointer: "/amount" }] },
  });
  const last = await captureOne(sql, line, body.id, { amount: "10.5", final: true });
  expect(last.body.authorization).toMatchObject({
    status: "captured",
    capturedAmount: "30.50",
    releasedAmount: "19.50",
    openAmount: "0.00",
  });
  expect(await captureOne(sql, line, body.id)).toMatchObject({
    status: 409,
    body: { code: "hold_already_captured", authorizationId: body.id },
  });
  expect(await voidOne(sql, line, body.id)).toMatchObject({
    status: 409,
    body: { code: "hold_already_captured" },
  });
  expect(await audit(sql, line)).toEqual({ posted: 3_050, pending: 0, version: 4, wrong: SOUND });
});

test("a void gives back what is open, once", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line, { amount: "50" });
  await captureOne(sql, line, body.id, { amount: "20" });
  expect(await voidOne(sql, line, body.id)).toMatchObject({
    status: 200,
    body: { status: "voided", capturedAmount: "20.00", releasedAmount: "30.00" },
  });
  expect(await voidOne(sql, line, body.id)).toMatchObject({ status: 409, body: { code: "hold_voided" } });
  expect(await captureOne(sql, line, body.id)).toMatchObject({
    status: 409,
    body: { code: "hold_voided" },
  });
  expect(await audit(sql, line)).toEqual({ posted: 2_000, pending: 0, version: 4, wrong: SOUND });
});

test("a hold beyond its time, by the database's clock, can neither be captured nor voided, and expires once", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line, { amount: "50", seconds: 1 });
  await captureOne(sql, line, body.id, { amount: "20" });
  await until(async () => (await captureOne(sql, line, body.id, { amount: "60" })).status === 410);
  expect(await voidOne(sql, line, body.id)).toMatchObject({
    status: 410,
    body: { code: "hold_expired" },
  });
  expect(await expireHolds(sql, 10)).toBe(1);
  expect(await expireHolds(sql, 10)).toBe(0);
  expect(await captureOne(sql, line, body.id)).toMatchObject({
    status: 410,
    body: { code: "hold_expired" },
  });
  expect(await audit(sql, line)).toEqual({ posted: 2_000, pending: 0, version: 4, wrong: SOUND });
  const [event] = await sql`select payload from outbox where subject = 'authorization.expired'`;
  expect(event!["payload"]).toMatchObject({
    authorizationId: body.id,
    releasedAmount: "30.00",
    accountVersion: 4,
  });
});

test("another caller's hold is not found, and the platform may settle anybody's", async () => {
  const [line, other] = [await openLine(sql), await openLine(sql)];
  const { body } = await authorizeOne(sql, line);
  expect(await captureOne(sql, other, body.id)).toMatchObject({
    status: 404,
    body: { code: "authorization_not_found" },
  });
  expect(await voidOne(sql, other, body.id)).toMatchObject({
    status: 404,
    body: { code: "authorization_not_found" },
  });
  expect((await captureOne(sql, line, body.id, { scope: "platform" })).status).toBe(201);
});

test("a user captures to a wallet of theirs, and to nobody else's account", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line, { amount: "30" });
  const [own, foreign] = [(await openWallet(sql, { owner: line.owner })).id, (await openWallet(sql)).id];
  const nobodys = (await openWallet(sql)).id;
  await sql`update ledger_accounts set owner_id = null where id = ${nobodys}::uuid`;
  for (const destination of [foreign, nobodys])
    expect(await captureOne(sql, line, body.id, { destination })).toMatchObject({
      status: 404,
      body: { errors: [{ pointer: "/destinationAccountId" }] },
    });
  expect((await captureOne(sql, line, body.id, { destination: own })).status).toBe(201);
  const [wallet] =
    await sql`select credits_posted::int as credits from ledger_accounts where id = ${own}::uuid`;
  expect(wallet).toEqual({ credits: 3_000 });
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
  const [again] = await authorize(sql, [{ ...asked, id: uuidV7(), requestId: "later" }], NO_RULES, PROBLEMS);
  expect(again).toEqual({ status: 201, body: first!.body, replayed: true });
  const [misused] = await authorize(sql, [{ ...asked, hash: "74776f" }], NO_RULES, PROBLEMS);
  expect(tell(misused!)).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  const capturing = { key: "k-2", hash: "63", id: uuidV7() };
  const { id } = tell(first!).body as { id: string };
  const captured = await captureOne(sql, line, id, capturing);
  expect(await captureOne(sql, line, id, { ...capturing, id: uuidV7() })).toEqual({
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
  const nobody = { ...line, owner: uuidV7() };
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

test("a capture that is sent again by its reference shows the hold that it captured, as that is now", async () => {
  const line = await openLine(sql);
  const [first, second] = [await authorizeOne(sql, line), await authorizeOne(sql, line)];
  const again = { amount: "4.00", reference: "capture-1" };
  const { body: captured } = await captureOne(sql, line, first.body.id, again);
  await captureOne(sql, line, first.body.id, { amount: "1.00" });
  expect(await captureOne(sql, line, first.body.id, again)).toMatchObject({
    status: 200,
    replayed: true,
    body: {
      transferId: captured.transferId,
      amount: "4.00",
      authorization: { id: first.body.id, capturedAmount: "5.00" },
    },
  });
  for (const other of [
    { ...again, amount: "4.01" },
    { ...again, amount: "0.04" },
  ])
    expect(await captureOne(sql, line, first.body.id, other)).toMatchObject({
      status: 409,
      body: { code: "reference_reused" },
    });
  expect(await captureOne(sql, line, second.body.id, again)).toMatchObject({ status: 409 });
});

test("a capture takes more than nothing, and may go to an account in parts", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line);
  for (const amount of ["0.00", "-0.01"])
    expect(await captureOne(sql, line, body.id, { amount })).toMatchObject({
      status: 422,
      body: { code: "validation_failed", errors: [{ pointer: "/amount" }] },
    });
  const destination = await openHouse(sql, { subBalances: 1 });
  const taken = { amount: "4.00", scope: "platform", destination };
  expect(await captureOne(sql, line, body.id, taken)).toMatchObject({ status: 201 });
  const [part] =
    await sql`select credits_posted::int as credits from ledger_sub_balances where account_id = ${destination}`;
  expect(part).toEqual({ credits: 400 });
  // Its balance is what came less what went.
  const payer = await openHouse(sql);
  const order = { type: "transfer", scope: "platform", requestId: "test", instance: "/test" };
  await postTransfers(sql, [{ ...order, id: uuidV7(), source: payer, destination, amount: "1.00" }]);
  const { body: captured } = await captureOne(sql, line, body.id, {
    ...taken,
    amount: "2.50",
    destination: payer,
  });
  const events = await sql`
    select subject, payload ->> 'currency' as currency from outbox
    where payload ->> 'transferId' = ${captured.transferId} order by subject`;
  expect(events).toMatchObject([
    { subject: "authorization.captured" },
    { subject: "transaction.completed", currency: "USD" },
  ]);
  const entries = await sql`
    select balance_after::int as balance from ledger_entries where account_id = ${payer} order by version`;
  expect([...entries]).toEqual([{ balance: -100 }, { balance: 150 }]);
});
