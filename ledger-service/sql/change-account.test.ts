import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse } from "../../tests/harness/ledger-service.ts";
import { uuidv7 } from "uuidv7";
import { type AccountChange, changeAccount } from "./accounts.ts";
import { authorizeOne, captureOne, openLine, voidOne } from "../../tests/ledger/credit-line.ts";
import { postTransfers } from "./post-transfers.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const change = async (id: string, over: Partial<AccountChange>) => {
  const sent = {
    id,
    expected: "1",
    actor: "test",
    instance: "/test",
    requestId: "test",
    headers: {},
    ...over,
  };
  const { status, body, version } = await changeAccount(sql, sent);
  return { status, version, body: JSON.parse(body) as Record<string, unknown> };
};

const COUNTERS = ["debits_posted", "credits_posted", "debits_pending", "credits_pending"];
const counting = (counters: Record<string, number>): number[] => COUNTERS.map((name) => counters[name] ?? 0);

test.each([
  [{ debits_posted: 1 }, 409],
  [{ credits_posted: 1 }, 409],
  [{ debits_pending: 1 }, 409],
  [{ credits_pending: 1 }, 409],
  [{ debits_posted: 7, credits_posted: 7 }, 200],
])(
  "an account, and a part of one, that counts %j is answered %i when it is to be closed",
  async (counted, status) => {
    const counters = counting(counted);
    const whole = await openHouse(sql);
    await sql`
    update ledger_accounts set debits_posted = ${counters[0]!}, credits_posted = ${counters[1]!},
      debits_pending = ${counters[2]!}, credits_pending = ${counters[3]!} where id = ${whole}`;
    const inParts = await openHouse(sql, { subBalances: 2 });
    await sql`
    update ledger_sub_balances set debits_posted = ${counters[0]!}, credits_posted = ${counters[1]!},
      debits_pending = ${counters[2]!}, credits_pending = ${counters[3]!} where account_id = ${inParts} and sub = 2`;
    for (const id of [whole, inParts]) expect((await change(id, { status: "closed" })).status).toBe(status);
  },
);

test("an account in parts is closed when they are 0 together", async () => {
  const id = await openHouse(sql, { subBalances: 2 });
  await sql`update ledger_sub_balances set debits_posted = 7 where account_id = ${id} and sub = 1`;
  expect((await change(id, { status: "closed" })).status).toBe(409);
  await sql`update ledger_sub_balances set credits_posted = 7 where account_id = ${id} and sub = 2`;
  expect((await change(id, { status: "closed" })).status).toBe(200);
});

test("an account in parts that is to be closed waits for the money that is on its way to it", async () => {
  const [source, hot] = [await openHouse(sql), await openHouse(sql, { subBalances: 4 })];
  const order = { type: "transfer", scope: "platform", requestId: "test", instance: "/test" };
  const transfer = () => ({ ...order, id: uuidv7(), source, destination: hot, amount: "1" });
  for (const [expected, refusal] of [
    ["1", { status: 412, body: { version: 2 } }],
    [null, { status: 409, body: { code: "account_in_use" } }],
  ] as const) {
    let closing: ReturnType<typeof change> | undefined;
    await sql.begin(async (tx) => {
      await postTransfers(tx, [transfer()]);
      closing = change(hot, { status: "closed", expected });
      await Promise.race([closing, untilLocked()]);
    });
    expect(await closing).toMatchObject(refusal);
    await postTransfers(sql, [{ ...transfer(), source: hot, destination: source }]);
  }
});

test("a closing that is refused waits for no posting, and none waits for it", async () => {
  const hot = await openHouse(sql, { subBalances: 4 });
  await sql.begin(async (tx) => {
    await tx`update ledger_sub_balances set updated_at = now() where account_id = ${hot}`;
    expect(await change(hot, { status: "closed", expected: "99" })).toMatchObject({ status: 412 });
  });
  await sql`update ledger_sub_balances set debits_posted = 7 where account_id = ${hot} and sub = 3`;
  await sql.begin(async (tx) => {
    await tx`update ledger_sub_balances set updated_at = now() where account_id = ${hot}`;
    for (const expected of [null, "1"])
      expect(await change(hot, { status: "closed", expected })).toMatchObject({
        status: 409,
        body: { code: "account_in_use" },
      });
  });
});

const untilLocked = async (): Promise<void> => {
  for (;;) {
    const [row] = await sql`
      select exists (
        select from pg_locks where not granted and relation = 'ledger_sub_balances'::regclass
      ) as waits`;
    if (row!["waits"]) return;
    await setTimeout(5);
  }
};

test("an account in parts is at the version of them all together, and says so to whoever has seen another", async () => {
  const id = await openHouse(sql, { subBalances: 2 });
  await sql`update ledger_sub_balances set version = 10 * sub where account_id = ${id}`;
  for (const expected of ["1", "30", "32"]) {
    const { status, body } = await change(id, { status: "frozen", expected });
    expect({ status, body }).toMatchObject({ status: 412, body: { code: "version_mismatch", version: 31 } });
    expect(body["detail"]).toContain("version 31");
  }
  expect(await change(id, { status: "frozen", expected: "31" })).toMatchObject({
    status: 200,
    version: "32",
  });
});

test("what is in use above a lowered limit stays, falls as the use does, and never rises", async () => {
  const line = await openLine(sql, 1_000);
  const [first, second] = [
    await authorizeOne(sql, line, { amount: "5.00" }),
    await authorizeOne(sql, line, { amount: "3.00" }),
  ];
  const overlimit = async () => {
    const [row] = await sql`select overlimit::int as above from ledger_accounts where id = ${line.accountId}`;
    return row!["above"] as number;
  };
  expect(await change(line.accountId, { creditLimit: "1.00", expected: "3" })).toMatchObject({ status: 200 });
  expect(await overlimit()).toBe(700);
  const order = { type: "transfer", scope: "platform", requestId: "test", instance: "/test" };
  const repaid = {
    ...order,
    id: uuidv7(),
    source: await openHouse(sql),
    destination: line.accountId,
    amount: "0.50",
  };
  expect(await postTransfers(sql, [repaid])).toMatchObject([{ status: 201 }]);
  expect(await overlimit()).toBe(650);
  // The database serves many transfers on another path than one.
  const twice = ["0.20", "0.30"].map((amount) => ({ ...repaid, id: uuidv7(), amount }));
  expect(await postTransfers(sql, twice)).toMatchObject([{ status: 201 }, { status: 201 }]);
  expect(await overlimit()).toBe(600);
  await captureOne(sql, line, first.body.id, { amount: "2.00" });
  expect(await overlimit()).toBe(600);
  await captureOne(sql, line, first.body.id, { amount: "1.00", final: true });
  expect(await overlimit()).toBe(400);
  await voidOne(sql, line, second.body.id);
  expect(await overlimit()).toBe(100);
});

test("a limit that is lowered to what is in use leaves nothing above it, one that is lowered further leaves the rest", async () => {
  const line = await openLine(sql, 1_000);
  const { body: taken } = await authorizeOne(sql, line, { amount: "3.00" });
  await captureOne(sql, line, taken.id);
  await authorizeOne(sql, line, { amount: "4.00" });
  const order = { type: "transfer", scope: "platform", requestId: "test", instance: "/test" };
  const [source, destination] = [await openHouse(sql), line.accountId];
  const repaid = { ...order, id: uuidv7(), source, destination, amount: "1.00" };
  expect(await postTransfers(sql, [repaid])).toMatchObject([{ status: 201 }]);
  for (const [expected, creditLimit, above] of [
    ["5", "6.00", 0],
    ["6", "5.99", 1],
    ["7", "6.01", 0],
  ] as const) {
    expect(await change(destination, { creditLimit, expected })).toMatchObject({ status: 200 });
    const [row] = await sql`select overlimit::int as above from ledger_accounts where id = ${destination}`;
    expect(row).toEqual({ above });
  }
});
