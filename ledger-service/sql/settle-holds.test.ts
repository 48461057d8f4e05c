import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { until } from "../../tests/harness/until.ts";
import {
  audit,
  authorizeOne,
  captureOne,
  expireHolds,
  openLine,
  voidOne,
} from "../../tests/ledger/credit-line.ts";
import { postTransfers } from "./post-transfers.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const SOUND = [0, 0, 0, 0];

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
  const { body } = await authorizeOne(sql, line, { amount: "50" });
  expect((await captureOne(sql, line, body.id, { amount: "20" })).status).toBe(201);
  await sql`
    update ledger_holds set placed_at = placed_at - interval '1 hour', expires_at = clock_timestamp() + interval '50 ms'
    where id = ${body.id}`;
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
    // All that is open, the release of the rest, or another account: none of it has been done.
    { reference: again.reference },
    { ...again, final: true },
    { ...again, destination: (await openWallet(sql, { owner: line.owner })).id },
  ])
    expect(await captureOne(sql, line, first.body.id, other)).toMatchObject({
      status: 409,
      body: { code: "reference_reused" },
    });
  expect(await captureOne(sql, line, second.body.id, again)).toMatchObject({ status: 409 });
  const last = { reference: "capture-2" };
  const { body: rest } = await captureOne(sql, line, first.body.id, last);
  for (const repeat of [last, { ...last, final: true }, { ...last, amount: String(rest.amount) }])
    expect(await captureOne(sql, line, first.body.id, repeat)).toMatchObject({
      status: 200,
      body: { transferId: rest.transferId },
    });
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
  await postTransfers(sql, [{ ...order, id: uuidv7(), source: payer, destination, amount: "1.00" }]);
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
