import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse } from "../../tests/harness/ledger-service.ts";
import { until } from "../../tests/harness/until.ts";
import {
  PROBLEMS,
  authorizeOne,
  brokenLedgerRules,
  captureOne,
  openLine,
  tell,
} from "../../tests/ledger/credit-line.ts";
import { changeAccount } from "./accounts.ts";
import { insertPartner, updatePartner } from "./partners.ts";
import { settleGroup } from "./settle-holds.ts";

const MIGRATION = "../../migrations/0056_accounts_that_are_needed.sql";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(async () => {
  expect(await brokenLedgerRules(sql)).toEqual([]);
  await database[Symbol.asyncDispose]();
});

const close = async (tx: Queryable, id: string) => {
  const sent = {
    id,
    expected: null,
    status: "closed",
    actor: "test",
    instance: "/test",
    requestId: "test",
    headers: {},
  } as const;
  const { status, body } = await changeAccount(tx, sent);
  return { status, body: JSON.parse(body) as Record<string, unknown> };
};
const register = (tx: Queryable, settlementAccountId: string | undefined) =>
  insertPartner(tx, { id: uuidv7(), name: "Shop", settlementAccountId });
const balanceOf = async (id: string): Promise<string> => {
  const [row] =
    await sql`select (credits_posted - debits_posted)::text as balance from ledger_accounts where id = ${id}`;
  return row!["balance"] as string;
};
/** Purchases of a partner on a fresh line, approved; and how to capture one of them. */
const purchasesOf = async (partnerId: string, amounts: readonly string[], group: string | null = null) => {
  const line = await openLine(sql);
  const scope = `partner:${partnerId}`;
  const ids: string[] = [];
  for (const amount of amounts) ids.push((await authorizeOne(sql, line, { scope, amount, group })).body.id);
  return {
    ids,
    scope,
    take: (id: string, key: string) => captureOne(sql, line, id, { scope, key, hash: "ab" }),
  };
};
/** Until so many callers wait for a lock, or what should wait has ended. */
const untilWaiting = (callers: number, ended: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    ended,
    until(async () => {
      const [row] = await sql`
        select count(*)::int as callers from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return row!["callers"] === callers;
    }),
  ]);

test("an account that a partner's captures settle to is closed once the partner has another one", async () => {
  const [own, next] = [await openHouse(sql), await openHouse(sql, { subBalances: 2 })];
  const partner = (await register(sql, own))!;
  await updatePartner(sql, partner.id, { status: "suspended" });
  expect(await close(sql, own)).toMatchObject({
    status: 409,
    body: { code: "account_needed", partnerId: partner.id },
  });
  expect(await updatePartner(sql, partner.id, { settlementAccountId: next })).toMatchObject({
    settlement_account_id: next,
    status: "suspended",
  });
  expect((await close(sql, own)).status).toBe(200);
  expect((await close(sql, next)).body).toMatchObject({ code: "account_needed", partnerId: partner.id });
  expect(await updatePartner(sql, partner.id, { settlementAccountId: own })).toBeUndefined();
  expect(await updatePartner(sql, partner.id, { settlementAccountId: null })).toMatchObject({
    settlement_account_id: null,
  });
  expect((await close(sql, next)).status).toBe(200);
  expect(await close(sql, own)).toMatchObject({ status: 422, body: { code: "account_not_open" } });
});

test("the ledger's own accounts stay open", async () => {
  await openLine(sql);
  const [row] = await sql`select id from ledger_accounts where external_id = 'settlement:USD'`;
  const settlement = row!["id"] as string;
  const { status, body } = await close(sql, settlement);
  expect([status, body["code"], "partnerId" in body]).toEqual([409, "account_needed", false]);
  const funding = await openHouse(sql);
  await sql`update ledger_accounts set external_id = 'house:funding:USD' where id = ${funding}`;
  expect((await close(sql, funding)).body["code"]).toBe("account_needed");
  await sql`update ledger_accounts set external_id = 'house:other:USD' where id = ${funding}`;
  expect((await close(sql, funding)).status).toBe(200);
});

test("those of the ledger's own that were closed before are open again, and it is told", async () => {
  await openLine(sql);
  const [row] = await sql`select id from ledger_accounts where external_id = 'settlement:USD'`;
  const settlement = row!["id"] as string;
  const closed = await openHouse(sql);
  expect((await close(sql, closed)).status).toBe(200);
  await sql`update ledger_accounts set external_id = 'elsewhere' where id = ${settlement}`;
  await sql`update ledger_accounts set external_id = 'settlement:USD' where id = ${closed}`;
  const migration = await readFile(new URL(MIGRATION, import.meta.url), "utf8");
  await sql.unsafe(migration.slice(migration.indexOf("with reopened as")));
  const [found] = await sql`
    select a.status, a.version::int, (
      select payload ->> 'status' from outbox where message_id = 'account.updated:' || a.id || ':' || a.version
    ) as told
    from ledger_accounts as a where a.id = ${closed}`;
  expect(found).toEqual({ status: "open", version: 3, told: "open" });
  await sql`update ledger_accounts set external_id = null where id = ${closed}`;
  await sql`update ledger_accounts set external_id = 'settlement:USD' where id = ${settlement}`;
});

test("an account that is just being closed is named by nobody", async () => {
  const own = await openHouse(sql);
  let naming: ReturnType<typeof register> | undefined;
  await sql.begin(async (tx) => {
    expect((await close(tx, own)).status).toBe(200);
    naming = register(sql, own);
    await untilWaiting(1, naming);
  });
  expect(await naming).toBeUndefined();
});

test("an account that is just being named is not closed", async () => {
  const own = await openHouse(sql);
  let closing: ReturnType<typeof close> | undefined;
  await sql.begin(async (tx) => {
    expect(await register(tx, own)).toBeDefined();
    closing = close(sql, own);
    await untilWaiting(1, closing);
  });
  expect(await closing).toMatchObject({ status: 409, body: { code: "account_needed" } });
});

test("closings and namings at the same time: one or the other, and no partner has a closed account", async () => {
  for (let round = 0; round < 20; round++) {
    const own = await openHouse(sql);
    const [closed, ...partners] = await Promise.all([
      close(sql, own),
      ...Array.from({ length: 4 }, () => register(sql, own)),
    ]);
    const named = partners.filter((partner) => partner !== undefined).length;
    expect(closed.status === 200 ? named : 0).toBe(0);
    if (closed.status !== 200) expect(named).toBeGreaterThan(0);
  }
  const strays = await sql`
    select from ledger_partners as p join ledger_accounts as a on a.id = p.settlement_account_id
    where a.status = 'closed'`;
  expect(strays).toHaveLength(0);
});

test("what was approved for a partner whose account was closed all the same is captured to the house's", async () => {
  const own = await openHouse(sql);
  const partner = (await register(sql, own))!;
  const { ids, take } = await purchasesOf(partner.id, ["3.00", "4.00"]);
  expect((await take(ids[0]!, "first")).status).toBe(201);
  // As it could be before.
  await sql`update ledger_accounts set status = 'closed' where id = ${own}`;
  const { status, body } = await take(ids[1]!, "second");
  expect(status).toBe(201);
  const [transfer] = await sql`
    select a.external_id from ledger_transfers as t join ledger_accounts as a on a.id = t.destination_account_id
    where t.id = ${body.transferId}`;
  expect(transfer).toEqual({ external_id: "settlement:USD" });
  expect(await balanceOf(own)).toBe("300");
  await sql`update ledger_accounts set status = 'open' where id = ${own}`;
});

test("a capture that waited for an account which was closed meanwhile is asked again, and goes to the new one", async () => {
  const [own, next] = [await openHouse(sql), await openHouse(sql)];
  const partner = (await register(sql, own))!;
  const group = uuidv7();
  const { ids, scope, take } = await purchasesOf(partner.id, ["3.00", "4.00"], group);
  const takeGroup = async () => {
    const context = { scope, key: "group", hash: "cd", requestId: "test", instance: "/test", headers: {} };
    return tell(await settleGroup(sql, { ...context, action: "capture", groupId: group }, PROBLEMS));
  };
  let waiting: Promise<unknown[]> | undefined;
  await sql.begin(async (tx) => {
    await updatePartner(tx, partner.id, { settlementAccountId: next });
    expect((await close(tx, own)).status).toBe(200);
    waiting = Promise.all([take(ids[0]!, "late"), takeGroup()]);
    await untilWaiting(2, waiting);
  });
  const again = { status: 409, body: { code: "request_in_progress" } };
  expect(await waiting).toMatchObject([again, again]);
  expect(await takeGroup()).toMatchObject({ status: 200, replayed: false });
  expect(await take(ids[0]!, "late")).toMatchObject({ status: 409, body: { code: "hold_already_captured" } });
  expect(await balanceOf(next)).toBe("700");
  expect(await balanceOf(own)).toBe("0");
});
