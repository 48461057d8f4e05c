import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { authorize } from "./authorize.ts";
import {
  NO_RULES,
  PROBLEMS,
  audit,
  authorizeOne,
  brokenLedgerRules,
  captureOf,
  openLine,
  purchase,
  tell,
  voidOne,
} from "../../tests/ledger/credit-line.ts";
import { openAccount } from "./accounts.ts";
import { postBulk, postTransfers } from "./post-transfers.ts";
import { capture, settleGroup } from "./settle-holds.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const SOUND = [0, 0, 0, 0];

test("a capture that is refused first does not lead the others of its batch to other accounts", async () => {
  const [line, other] = [await openLine(sql), await openLine(sql)];
  const { body } = await authorizeOne(sql, line);
  const { body: another } = await authorizeOne(sql, other);
  const answers = await capture(
    sql,
    [captureOf(line, uuidv7()), captureOf(line, body.id), captureOf(other, another.id)],
    PROBLEMS,
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 201, 201]);
  const posted = await sql`
    select source_account_id as source, amount from ledger_transfers
    where type = 'capture' and source_account_id in (${line.accountId}, ${other.accountId}) order by source_account_id`;
  expect([...posted]).toEqual(
    [line.accountId, other.accountId].toSorted().map((source) => ({ source, amount: "1000" })),
  );
});

test("an account that is not there, first in the order of locks, does not shift the counters of the others", async () => {
  const wallet = await openWallet(sql, { balance: "10" });
  const house = await openHouse(sql);
  const nobody = { type: "transfer", scope: "platform", requestId: "", instance: "" };
  const unknown = "00000000-0000-4000-8000-000000000000";
  const answers = await postTransfers(sql, [
    { ...nobody, id: uuidv7(), source: unknown, destination: house, amount: "1" },
    { ...nobody, id: uuidv7(), source: wallet.id, destination: house, amount: "4" },
    { ...nobody, id: uuidv7(), source: wallet.id, destination: house, amount: "7" },
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 201, 422]);
  const [funds] =
    await sql`select credits_posted - debits_posted as left from ledger_accounts where id = ${wallet.id}`;
  expect(funds).toEqual({ left: "600" });
  expect(await brokenLedgerRules(sql)).toEqual([]);
});

test("a group is captured and voided whole or not at all", async () => {
  const line = await openLine(sql);
  const settle = async (action: "capture" | "void", groupId: string, key: string | null = null) =>
    tell(
      await settleGroup(
        sql,
        {
          action,
          groupId,
          scope: line.scope,
          key,
          hash: key === null ? null : "ab",
          requestId: "r",
          instance: "/g",
          headers: {},
        },
        PROBLEMS,
      ),
    );
  const [flight, hotel] = [uuidv7(), uuidv7()];
  for (const group of [flight, hotel]) for (let n = 0; n < 3; n++) await authorizeOne(sql, line, { group });
  const captured = await settle("capture", flight, "once");
  expect(captured.body.items).toHaveLength(3);
  expect(await settle("capture", flight, "once")).toEqual({ ...captured, replayed: true });
  expect(await settle("void", flight)).toMatchObject({
    status: 409,
    body: { code: "hold_already_captured" },
  });
  const [one] = await sql<
    { id: string }[]
  >`select id from ledger_holds where group_id = ${hotel}::uuid limit 1`;
  await voidOne(sql, line, one!.id);
  expect(await settle("capture", hotel)).toMatchObject({
    status: 409,
    body: { code: "hold_voided", authorizationId: one!.id },
  });
  expect(await audit(sql, line)).toMatchObject({ posted: 3_000, pending: 2_000, wrong: SOUND });
  expect((await settle("void", uuidv7())).status).toBe(404);
});

test("operations of one batch on one line and one hold see each other, in their order", async () => {
  const line = await openLine(sql, 2_500);
  const answers = await authorize(
    sql,
    [1, 2, 3].map(() => purchase(line)),
    NO_RULES,
    PROBLEMS,
  );
  const bodies = answers.map((answer) => tell(answer).body as { id: string; status: string });
  expect(bodies.map(({ status }) => status)).toEqual(["approved", "approved", "declined"]);
  const part = (amount: string) => ({ ...captureOf(line, bodies[0]!.id), id: uuidv7(), amount });
  const captures = await capture(sql, ["4", "7", "6"].map(part), PROBLEMS);
  expect(captures.map(({ status }) => status)).toEqual([201, 422, 201]);
  expect(await audit(sql, line)).toEqual({ posted: 1_000, pending: 1_000, version: 5, wrong: SOUND });
});

test("a user pays from wallets of their own and to wallets and their own line, on its own and among others", async () => {
  const line = await openLine(sql);
  const [mine, another] = [await openWallet(sql, { owner: line.owner, balance: "10" }), await openLine(sql)];
  const house = await openHouse(sql);
  const order = { type: "transfer", scope: line.scope, owner: line.owner, requestId: "", instance: "" };
  const plain = { ...order, owner: undefined, source: house, destination: mine.id, amount: "1" };
  for (const [source, destination, status] of [
    [line.accountId, mine.id, 403],
    [mine.id, another.accountId, 404],
    [mine.id, house, 404],
    [mine.id, line.accountId, 201],
    [mine.id, (await openWallet(sql)).id, 201],
  ] as const) {
    const one = () => ({ ...order, id: uuidv7(), source, destination, amount: "1" });
    const [alone] = await postTransfers(sql, [one()]);
    const [, among] = await postTransfers(sql, [{ ...plain, id: uuidv7() }, one()]);
    expect([alone!.status, among!.status]).toEqual([status, status]);
  }
});

const ITSELF = {
  status: 422,
  body: {
    code: "validation_failed",
    errors: [{ pointer: "/destinationAccountId", detail: "must differ from sourceAccountId" }],
  },
};

test("from an account to itself is refused, alone and among others", async () => {
  const context = { type: "transfer", scope: "platform", requestId: "", instance: "/test" };
  const order = (source: string, destination: string) => ({
    ...context,
    id: uuidv7(),
    source,
    destination,
    amount: "1",
  });
  const [house, other] = [await openHouse(sql), await openHouse(sql)];
  for (const id of [
    house,
    (await openWallet(sql, { balance: "10" })).id,
    await openHouse(sql, { subBalances: 2 }),
  ]) {
    const itself = () => order(id, id);
    const refused = [];
    for (const wish of [{}, { waitForFunds: true }, { executeAt: "2999-01-01T00:00:00Z" }])
      refused.push(...(await postTransfers(sql, [{ ...itself(), ...wish }])));
    refused.push(...(await postTransfers(sql, [itself()], { dry: true })));
    expect(refused.map((answer) => tell(answer))).toMatchObject([ITSELF, ITSELF, ITSELF, ITSELF]);
    const among = await postTransfers(sql, [order(house, other), itself(), order(other, house)]);
    expect(among.map((answer) => tell(answer))).toMatchObject([{ status: 201 }, ITSELF, { status: 201 }]);
    for (const [atomic, posted] of [
      [true, undefined],
      [false, 1],
    ] as const) {
      const bulk = {
        ...context,
        headers: {},
        key: uuidv7(),
        hash: "00",
        atomic,
        orders: [order(house, other), itself()],
      };
      const { status, body } = tell(await postBulk(sql, bulk));
      expect([status, body.posted]).toEqual([atomic ? 422 : 200, posted]);
      expect(body.items.at(-1)).toMatchObject({ problem: ITSELF.body });
    }
  }
  expect(
    await sql`select from ledger_transfers where source_account_id = destination_account_id`,
  ).toHaveLength(0);
  expect(await brokenLedgerRules(sql)).toEqual([]);
});

test("an account that is being opened does not fund itself", async () => {
  const id = uuidv7();
  const context = { scope: "platform", key: "itself", hash: "00", instance: "/test", requestId: "" };
  const account = { id, kind: "bank", currency: "USD", exponent: 2, actor: "test" } as const;
  const opening = { fundingId: id, amount: "1", transferId: uuidv7() };
  expect(tell(await openAccount(sql, { ...account, ...context, headers: {}, opening }))).toMatchObject({
    status: 422,
    body: { code: "validation_failed" },
  });
  expect(await sql`select from ledger_accounts where id = ${id}`).toHaveLength(0);
});

test("what is held is not paid out as well, by a transfer on its own and by one among others", async () => {
  const others = { source: await openHouse(sql), destination: await openHouse(sql), amount: "1" };
  for (const among of [false, true]) {
    const line = await openLine(sql, 10_000);
    await authorizeOne(sql, line, { amount: "60.00" });
    const pay = async (amount: string) => {
      const context = { type: "transfer", scope: "platform", requestId: "", instance: "/test" };
      const order = { source: line.accountId, destination: others.source, amount };
      const answers = await postTransfers(
        sql,
        [...(among ? [others] : []), order].map((each) => ({ ...context, ...each, id: uuidv7() })),
      );
      return tell(answers.at(-1)!);
    };
    expect(await pay("40.01")).toMatchObject({
      status: 422,
      body: { code: "insufficient_funds", available: "40.00" },
    });
    expect((await pay("40.00")).status).toBe(201);
    expect(await audit(sql, line)).toMatchObject({ posted: 4_000, pending: 6_000, wrong: SOUND });
  }
});
