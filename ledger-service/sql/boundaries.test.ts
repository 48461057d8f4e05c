import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { fundsOf, openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { until } from "../../tests/harness/until.ts";
import {
  authorizeOne,
  brokenLedgerRules,
  captureOne,
  expireHolds,
  openLine,
  tell,
  type Told,
  voidOne,
} from "../../tests/ledger/credit-line.ts";
import { openAccount } from "./accounts.ts";
import { readBalanceAt } from "./entries.ts";
import { postTransfers, retryDue } from "./post-transfers.ts";
import type { TransferOrder } from "./transfer-order.ts";

const MOST_COUNTED = 4_000_000_000_000_000_000n;
/** Beyond any clock, so that what is recorded next on an account is recorded in this very moment. */
const MOMENT = "2999-01-01T00:00:00Z";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const order = (
  over: Partial<TransferOrder> & Pick<TransferOrder, "source" | "destination">,
): TransferOrder => ({
  id: uuidv7(),
  amount: "1.00",
  type: "transfer",
  scope: "platform",
  requestId: "test",
  instance: "/test",
  ...over,
});

// The database serves a transfer on its own on another path than many.
const alone = async (one: TransferOrder): Promise<Told> => tell((await postTransfers(sql, [one]))[0]!);
const inBatch = async (one: TransferOrder): Promise<Told> => {
  const other = order({ source: await openHouse(sql), destination: await openHouse(sql) });
  return tell((await postTransfers(sql, [other, one]))[1]!);
};
const WAYS = [
  ["alone", alone],
  ["in a batch", inBatch],
] as const;

test.each(WAYS)("a transfer %s moves at most 10^17 minor units, and more than none", async (_, post) => {
  const [source, destination] = [await openHouse(sql), await openHouse(sql)];
  const answers = [];
  for (const amount of ["1000000000000000.00", "1000000000000000.01", "0.01", "0.00", "-0.01"])
    answers.push((await post(order({ source, destination, amount }))).status);
  expect(answers).toEqual([201, 422, 201, 422, 422]);
});

test.each(WAYS)(
  "a person's transfer %s reaches no line but their own, whichever is older",
  async (_, post) => {
    const [older, own] = [await openLine(sql), await openLine(sql)];
    const wallet = await openWallet(sql, { owner: own.owner, balance: "9" });
    const younger = await openLine(sql);
    const payTo = async (destination: string) =>
      (await post(order({ source: wallet.id, destination, owner: own.owner }))).status;
    expect(await payTo(older.accountId)).toBe(404);
    expect(await payTo(younger.accountId)).toBe(404);
    expect(await payTo(own.accountId)).toBe(201);
  },
);

test("a batch between accounts that are both in parts is counted in their parts", async () => {
  const [source, destination] = [
    await openHouse(sql, { subBalances: 2 }),
    await openHouse(sql, { subBalances: 2 }),
  ];
  const answers = await postTransfers(
    sql,
    ["1.00", "2.00"].map((amount) => order({ source, destination, amount })),
  );
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  const balances = [await fundsOf(sql, source), await fundsOf(sql, destination)];
  expect(balances.map(({ balance }) => balance)).toEqual([-300n, 300n]);
});

const setCounters = (id: string, debits: bigint, credits: bigint) =>
  sql`update ledger_accounts set debits_posted = ${debits.toString()}, credits_posted = ${credits.toString()} where id = ${id}`;

test.each(WAYS)(
  "a transfer %s fills an account's counters to the last unit and no further",
  async (_, post) => {
    for (const side of ["source", "destination"] as const) {
      const parties = { source: await openHouse(sql), destination: await openHouse(sql) };
      const near = MOST_COUNTED - 100n;
      await setCounters(parties[side], side === "source" ? near : 0n, side === "destination" ? near : 0n);
      expect(await post(order({ ...parties, amount: "1.01" }))).toMatchObject({
        status: 422,
        body: { code: "validation_failed", errors: [{ pointer: "/amount" }] },
      });
      expect(await post(order({ ...parties, amount: "1.00" }))).toMatchObject({ status: 201 });
    }
  },
);

test("a capture fills the counters of line and destination to the last unit and no further", async () => {
  const line = await openLine(sql);
  const { body: hold } = await authorizeOne(sql, line, { amount: "5.00" });
  const destination = await openHouse(sql);
  const operator = { scope: "platform", destination };
  const near = MOST_COUNTED - 100n;
  await setCounters(line.accountId, near, near);
  expect(await captureOne(sql, line, hold.id, { ...operator, amount: "1.01" })).toMatchObject({
    status: 422,
  });
  expect(await captureOne(sql, line, hold.id, { ...operator, amount: "1.00" })).toMatchObject({
    status: 201,
  });
  await setCounters(line.accountId, 0n, 0n);
  await setCounters(destination, 0n, near);
  expect(await captureOne(sql, line, hold.id, { ...operator, amount: "1.01" })).toMatchObject({
    status: 422,
  });
  expect(await captureOne(sql, line, hold.id, { ...operator, amount: "1.00" })).toMatchObject({
    status: 201,
  });
});

const setMoment = (id: string) => sql`update ledger_accounts set updated_at = ${MOMENT} where id = ${id}`;

test.each(WAYS)(
  "a transfer %s is recorded no earlier than what came before it on either account, in parts or not",
  async (_, post) => {
    for (const [source, destination] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ] as const)
      for (const side of ["source", "destination"] as const) {
        const parties = {
          source: await openHouse(sql, { subBalances: source }),
          destination: await openHouse(sql, { subBalances: destination }),
        };
        await setMoment(parties[side]);
        await sql`update ledger_sub_balances set updated_at = ${MOMENT} where account_id = ${parties[side]}`;
        const third = await openHouse(sql);
        // The second meets an account that has heard of the moment through the first alone.
        const after = side === "source" ? { ...parties, source: third } : { ...parties, destination: third };
        for (const one of [parties, after]) {
          const { status, body } = await post(order(one));
          const [stored] =
            await sql`select recorded_at = ${MOMENT} as so from ledger_transfers where id = ${body.id}`;
          expect([status, stored]).toEqual([201, { so: true }]);
        }
      }
  },
);

test.each(WAYS)("a transfer %s that is to be executed in this very moment is executed", async (_, post) => {
  const parties = { source: await openHouse(sql), destination: await openHouse(sql) };
  await setMoment(parties.source);
  const later = await post(order({ ...parties, executeAt: "2999-01-01T00:00:00.000001Z" }));
  const now = await post(order({ ...parties, executeAt: MOMENT }));
  expect([later.status, now.status]).toEqual([202, 201]);
});

test("a hold that ends in this very moment has expired", async () => {
  for (const settle of [captureOne, voidOne]) {
    const line = await openLine(sql);
    const { body: ending } = await authorizeOne(sql, line);
    const { body: lasting } = await authorizeOne(sql, line);
    await setMoment(line.accountId);
    await sql`
      update ledger_holds set expires_at = ${MOMENT}::timestamptz + case when id = ${lasting.id} then 1 else 0 end * interval '1 us'
      where account_id = ${line.accountId}`;
    expect(await settle(sql, line, ending.id)).toMatchObject({ status: 410, body: { code: "hold_expired" } });
    expect((await settle(sql, line, lasting.id)).status).toBeLessThan(300);
  }
});

test("what is due is expired in the moment of its account, and only that", async () => {
  const line = await openLine(sql);
  const { body: past } = await authorizeOne(sql, line);
  const { body: ending } = await authorizeOne(sql, line);
  const { body: lasting } = await authorizeOne(sql, line);
  await setMoment(line.accountId);
  await sql`
    update ledger_holds set placed_at = now() - interval '1 hour', expires_at = case id
      when ${past.id} then now() - interval '1 minute' when ${ending.id} then ${MOMENT}::timestamptz
      else ${MOMENT}::timestamptz + interval '1 us' end
    where account_id = ${line.accountId}`;
  expect(await expireHolds(sql, 10)).toBe(2);
  const [left] =
    await sql`select id from ledger_holds where account_id = ${line.accountId} and status = 'open'`;
  expect(left).toEqual({ id: lasting.id });
});

test("what waits for funds is tried again after 1, 2, 4 minutes and so on, up to an hour", async () => {
  const parties = { source: (await openWallet(sql)).id, destination: await openHouse(sql) };
  const first = await alone(order({ ...parties, waitForFunds: true }));
  expect(first.status).toBe(202);
  const waits = () => sql`
    select attempts::int, extract(epoch from next_attempt_at - last_attempt_at)::int / 60 as minutes
    from ledger_transfers where id = ${first.body.id}`;
  expect(await waits()).toMatchObject([{ attempts: 1, minutes: 1 }]);
  for (const [attempts, minutes] of [
    [1, 2],
    [3, 8],
    [5, 32],
    [6, 60],
    [40, 60],
  ] as const) {
    await sql`update ledger_transfers set attempts = ${attempts}, next_attempt_at = now() where id = ${first.body.id}`;
    expect(await retryDue(sql, 10, 1)).toBe(1);
    expect(await waits()).toMatchObject([{ attempts: attempts + 1, minutes }]);
  }
});

test("an opening balance of nothing opens the account and moves nothing", async () => {
  const [id, fundingId] = [uuidv7(), await openHouse(sql)];
  const account = { id, kind: "bank", currency: "USD", exponent: 2, actor: "test" } as const;
  const opening = { fundingId, amount: "0", transferId: uuidv7() };
  const context = { scope: "platform", instance: "/test", requestId: "test", headers: {} };
  expect(await openAccount(sql, { ...account, ...context, opening })).toMatchObject({ status: 201 });
  expect([...(await sql`select from ledger_transfers where destination_account_id = ${id}`)]).toEqual([]);
});

test("a balance by effective date counts what was recorded in that very moment as it takes effect", async () => {
  for (const [effectiveAt, balance] of [
    ["2026-01-15T12:00:00Z", "1.00"],
    [MOMENT, "0.00"],
  ] as const) {
    const parties = { source: await openHouse(sql), destination: await openHouse(sql) };
    const { body } = await alone(order({ ...parties, effectiveAt }));
    const [entry] = await sql<{ at: string }[]>`
      select ledger_time(recorded_at) as at from ledger_transfers where id = ${body.id}`;
    const wanted = { accountId: parties.destination, at: entry!.at };
    expect(await readBalanceAt(sql, { ...wanted, effective: true })).toBe(balance);
    expect(await readBalanceAt(sql, { ...wanted, effective: false })).toBe("1.00");
  }
});

describe("a plain transfer on its own", () => {
  let own: FreshDatabase;
  let parts: string;
  // One connection: which part of an account it posts to is known.
  beforeAll(async () => {
    own = await freshDatabase({ max: 1 });
    const [session] = await own.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    parts = await openHouse(own.sql, { subBalances: [2, 3, 5, 7, 11].find((n) => session!.pid % n !== 0)! });
  });
  afterAll(() => own[Symbol.asyncDispose]());
  const post = async (one: Parameters<typeof order>[0]): Promise<Told> =>
    tell((await postTransfers(own.sql, [order(one)]))[0]!);

  test("is posted without the function for many", async () => {
    const wallet = await openWallet(own.sql, { balance: "10.00" });
    const house = await openHouse(own.sql);
    await own.sql`alter function ledger_post_many rename to not_here`;
    const claims = { reference: "order-1", key: "key-1", hash: "00", description: "a test" };
    for (const one of [
      { source: wallet.id, destination: house, amount: "4.00" },
      { source: wallet.id, destination: house, amount: "6.00", owner: undefined, currency: "USD", ...claims },
      { source: house, destination: wallet.id, amount: "0.01" },
      { source: house, destination: wallet.id, amount: "10000000000000.00" },
      { source: wallet.id, destination: parts, amount: "1.00" },
      { source: parts, destination: wallet.id, amount: "1.00" },
    ])
      expect(await post(one)).toMatchObject({
        status: 201,
        body: { status: "complete", amount: one.amount },
      });
    expect(await brokenLedgerRules(own.sql)).toEqual([]);
  });

  test("is so as long as no counter has come near to what it can count", async () => {
    const near = "3900000000000000000";
    const house = await openHouse(own.sql);
    for (const [source, destination] of [
      [await openHouse(own.sql), house],
      [house, await openHouse(own.sql)],
      [parts, house],
      [house, parts],
    ] as const) {
      for (const id of [source, destination]) {
        const counters = own.sql`debits_posted = ${near}, credits_posted = ${near}`;
        await own.sql`update ledger_sub_balances set ${counters} where account_id = ${id}`;
        await own.sql`update ledger_accounts set ${counters} where id = ${id} and sub_balances = 0`;
      }
      expect(await post({ source, destination })).toMatchObject({ status: 201 });
    }
  });
});

test("the accounts of a transfer on its own are locked by id, whichever it goes to", async () => {
  const [low, high] = [await openHouse(sql), await openHouse(sql)].toSorted();
  for (const [source, destination] of [
    [low!, high!],
    [high!, low!],
  ] as const) {
    const waiting = await sql.begin(async (tx) => {
      await tx`select from ledger_accounts where id = ${low!} for update`;
      const posted = alone(order({ source, destination }));
      await until(
        async () => {
          const waits = await sql`
            select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
          return waits.length > 0;
        },
        { what: "the transfer to wait for the lock" },
      );
      const [free] = await tx`select id from ledger_accounts where id = ${high!} for update skip locked`;
      expect(free).toEqual({ id: high });
      return { posted };
    });
    expect(await waiting.posted).toMatchObject({ status: 201 });
  }
});
