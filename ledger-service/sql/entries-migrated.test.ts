import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { migrate } from "../../platform/database/migrate.ts";
import { uuidv7 } from "uuidv7";
import { KEY, appendFirstLink, linkAll, order, whileUndone } from "../../tests/ledger/chain-links.ts";
import { brokenLedgerRules, openLine } from "../../tests/ledger/credit-line.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import type { Order } from "../../tests/ledger/model/transfer-order.ts";
import { openAccount } from "../../tests/ledger/open-account.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { verifyChain } from "../chain/verify-chain.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** A database as it was when entries were rows of their own. */
const beforeEntriesMoved = async () => {
  const database = await freshDatabase({ max: 4 });
  await database.sql`drop schema public cascade`;
  await database.sql`create schema public`;
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    for (const name of await readdir(MIGRATIONS))
      if (/^\d{4}_/.test(name) && name < "0029") await cp(join(MIGRATIONS, name), join(folder, name));
    await migrate(database.sql, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
  return database;
};

/** Everything that makes entries: one, many, hot, waiting, reverted, captured, of another effective date. */
const use = async (sql: Sql) => {
  const bank = await openAccount(sql, { kind: "bank" });
  const system = await openAccount(sql, { kind: "system", subBalances: 4 });
  const wallet = await openAccount(sql, { kind: "wallet", ownerId: uuidv7() });
  const pay = (source: string, destination: string, over: Partial<Order> = {}): Order => ({
    ...order({ bank: source, system: destination }),
    ...over,
  });
  const waiting = pay(wallet, bank, { amount: "3", waits: true });
  const reverted = pay(bank, wallet);
  await post(sql, [waiting], "each");
  await post(sql, [pay(wallet, bank, { amount: "900" })], "each");
  await post(sql, [reverted], "each");
  await post(sql, [pay(bank, wallet), pay(system, wallet), pay(wallet, system)], "each");
  await post(sql, [pay(wallet, bank, { reverts: reverted.id })], "each");
  await post(sql, [pay(bank, wallet, { amount: "5" })], "each");
  await post(sql, [waiting], "retry");
  await sql`select ledger_post_one(
    source => ${bank}, destination => ${wallet}, id => ${uuidv7()}, amount => 2, type => 'transfer', scope => 'platform',
    effective_at => '2026-01-01')`;
  const line = await openLine(sql, 1_000);
  const hold = uuidv7();
  await sql`select * from ledger_authorize(
    ids => array[${hold}::uuid], owners => array[${line.owner}::uuid], amounts => array[7.00], currencies => array['USD'],
    scopes => array[${line.scope}], seconds => array[600])`;
  await sql`select * from ledger_capture(
    ids => array[${uuidv7()}::uuid], holds => array[${hold}::uuid], scopes => array[${line.scope}], amounts => array[4.00])`;
  await sql`select ledger_change_account(
    id => ${line.accountId}, expected => 3, new_limit => 5, new_status => null, actor => 'test', reason => null,
    instance => '', request_id => '', problems => '{}')`;
  return { line, hold, pair: { bank, system: wallet } };
};

const entries = (sql: Sql) => sql`
  select ledger_entry_text(e) as text from ledger_entries as e order by e.xid, e.id`;

test("entries of before are the same in their transfers' rows, and the chain over them and new ones is whole", async () => {
  await using database = await beforeEntriesMoved();
  const { sql } = database;
  const { line, hold, pair } = await use(sql);
  const before = await entries(sql);
  expect(before).toHaveLength(18);
  expect(await appendFirstLink(sql, KEY)).toBe(before.length);

  expect((await migrate(sql, MIGRATIONS)).length).toBeGreaterThan(0);
  expect(await entries(sql)).toEqual(before);
  expect(await brokenLedgerRules(sql)).toEqual([]);
  const [above] = await sql`select overlimit::int as above from ledger_accounts where id = ${line.accountId}`;
  expect(above).toEqual({ above: 200 });

  expect(await post(sql, [order(pair)], "each")).toMatchObject([{ status: 201 }]);
  expect(await post(sql, [order(pair), order(pair)], "each")).toMatchObject([
    { status: 201 },
    { status: 201 },
  ]);
  await linkAll(sql);
  expect((await entries(sql)).slice(0, before.length)).toEqual(before);
  // The entries of before stay in their link; 12 transfers, 5 openings, the limit and the hold are in new ones.
  expect(await verifyChain(sql, KEY)).toMatchObject({ entries: 18, records: 19, broken: [] });
  await expect(appendFirstLink(sql, KEY)).rejects.toThrow(/null value in column "version"/);
  const told = async (tamper: (tx: Queryable) => Promise<unknown>): Promise<string[]> => {
    const { broken } = await whileUndone(sql, tamper, (tx) => verifyChain(tx, KEY));
    return broken.map(({ link, detail }) => `${link}: ${detail}`);
  };
  expect(await told((tx) => tx`update ledger_transfers set amount = amount + 1 where entry_id = 1`)).toEqual([
    "1: an entry that it covers was changed",
    expect.stringMatching(/^\d+: transfer .*: amount is "\d+", was "\d+"$/),
  ]);
  // What was there before rows named their transaction.
  expect(await told((tx) => tx`update ledger_holds set scope = 'user:other'`)).toEqual([
    `2: hold ${hold}: scope is "user:other", was "${line.scope}"`,
  ]);
  expect(await told((tx) => tx`delete from ledger_holds`)).toEqual([`2: hold ${hold} was taken away`]);
  expect(
    await told(
      (tx) => tx`
      insert into ledger_declines (id, owner_id, reason, amount, currency, scope, decided_at, xid)
      values ('ffffffff-0000-4000-8000-000000000000', ${line.owner}, 'no_credit_line', 1, 'USD', 'platform', now(), null)`,
    ),
  ).toEqual([
    expect.stringContaining(
      "decline ffffffff-0000-4000-8000-000000000000 is in no link: it names no transaction",
    ),
  ]);
  expect(await brokenLedgerRules(sql)).toEqual([]);
});

test("nothing moves where an entry and its transfer differ", async () => {
  await using database = await beforeEntriesMoved();
  const { sql } = database;
  await use(sql);
  await sql`update ledger_entries set amount = amount + 1 where id = 3`;
  await expect(migrate(sql, MIGRATIONS)).rejects.toThrow("entries and transfers do not match");
  expect(await sql`select count(*)::int as n from ledger_entries`).toEqual([{ n: 18 }]);
});
