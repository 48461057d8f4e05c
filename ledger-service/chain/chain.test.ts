import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Queryable } from "../../platform/database/connect.ts";
import { until } from "../../tests/harness/until.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import { chainLag, lastLink, nextCover } from "../sql/chain.ts";
import { KEY, extendBy, nextLink, openPair, order } from "../../tests/ledger/chain-links.ts";
import { LINK_SIZE, extendChain } from "./extend-chain.ts";
import { verifyChain } from "./verify-chain.ts";

const START = { lastXid: "0", lastId: "0" };

describe("a chain over a used ledger", () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase({ max: 4 });
    const { sql } = database;
    const pair = await openPair(sql);
    for (let link = 0; link < 3; link++) {
      await post(sql, [order(pair), order(pair)], "each");
      await extendBy(sql, 4);
    }
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("covers each entry once and is whole", async () => {
    expect(await verifyChain(database.sql, KEY)).toEqual({ links: 3, entries: 12, broken: [] });
    expect(await verifyChain(database.sql, undefined)).toMatchObject({ broken: [] });
    expect(await extendChain(database.sql, KEY)).toBe(0);
  });

  test("another key finds every link wrong", async () => {
    const { broken } = await verifyChain(database.sql, `${KEY}-not`);
    expect(broken.map(({ link }) => link)).toEqual(["1", "2", "3"]);
  });

  type Tampering = readonly [name: string, link: string, tamper: (sql: Queryable) => Promise<unknown>];
  const tamperings: Tampering[] = [
    ["an amount", "2", (sql) => sql`update ledger_transfers set amount = amount + 1 where entry_id = 5`],
    [
      "a balance",
      "1",
      (sql) => sql`update ledger_transfers set source_balance = source_balance + 1 where entry_id = 1`,
    ],
    [
      "a time",
      "3",
      (sql) =>
        sql`update ledger_transfers set recorded_at = recorded_at + interval '1 us' where entry_id = 11`,
    ],
    [
      "an effective time",
      "1",
      (sql) => sql`update ledger_transfers set effective_at = now() where entry_id = 1`,
    ],
    ["a transfer taken away", "2", (sql) => sql`delete from ledger_transfers where entry_id = 5`],
    [
      "a transfer put in",
      "2",
      (sql) => sql`
        insert into ledger_transfers
        select (jsonb_populate_record(t, jsonb_build_object('id', ${uuidv7()}::text, 'entry_id', -1, 'source_version', 99, 'destination_version', 99))).*
        from ledger_transfers as t where entry_id = 5`,
    ],
    [
      "a transfer and its link's digest, by someone without the key",
      "2",
      async (sql) => {
        await sql`update ledger_transfers set amount = amount + 1 where entry_id = 5`;
        await sql`
          update ledger_chain set digest = (
            select sha256(convert_to(string_agg(ledger_entry_text(e), E'\n' order by e.xid, e.id), 'UTF8'))
            from ledger_entries as e where e.id between 5 and 8
          ) where link = 2`;
      },
    ],
    ["a link taken away", "3", (sql) => sql`delete from ledger_chain where link = 2`],
  ];

  test.each(tamperings)("finds %s, and names the link", async (_name, link, tamper) => {
    const undone = new Error("undone");
    const tampered = database.sql.begin(async (tx) => {
      await tamper(tx);
      const { broken } = await verifyChain(tx, KEY);
      expect(broken[0]?.link).toBe(link);
      throw undone;
    });
    await expect(tampered).rejects.toBe(undone);
  });
});

test("entries of a transaction that is still under way wait, and those that commit after later ones are not missed", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  const [slow, quick] = [await openPair(sql), await openPair(sql)];
  await sql.begin(async (tx) => {
    await post(tx, [order(slow)], "each");
    await post(sql, [order(quick)], "each");
    expect(await extendChain(sql, KEY)).toBe(0);
    const lag = await chainLag(sql, START, 1_000);
    expect(lag.entries).toBe(2);
    expect(lag.seconds).toBeGreaterThan(0);
  });
  await extendBy(sql, 4);
  expect(await extendChain(sql, KEY)).toBe(0);
  expect(await verifyChain(sql, KEY)).toMatchObject({ entries: 4, broken: [] });
  expect(await chainLag(sql, (await lastLink(sql))!, 1_000)).toEqual({ entries: 0, seconds: 0 });
});

test("many processes extend one chain while transfers come in: no entry is in two links, none in none", async () => {
  await using database = await freshDatabase({ max: 12 });
  const { sql } = database;
  const pairs = await Promise.all(Array.from({ length: 4 }, () => openPair(sql)));
  const posting = pairs.map(async (pair) => {
    for (let turn = 0; turn < 15; turn++) await post(sql, [order(pair), order(pair)], "each");
  });
  let covered = 0;
  const posted = new AbortController();
  const extending = Array.from({ length: 4 }, async () => {
    while (!posted.signal.aborted) {
      const more = await extendChain(sql, KEY);
      covered += more;
    }
  });
  await Promise.all(posting);
  posted.abort();
  await Promise.all(extending);
  const all = 4 * 15 * 2 * 2;
  if (covered < all) await extendBy(sql, all - covered);
  expect(await extendChain(sql, KEY)).toBe(0);
  expect(await verifyChain(sql, KEY)).toMatchObject({ entries: all, broken: [] });
});

test("entries are found behind however many transactions without any", async () => {
  await using database = await freshDatabase({ max: 2 });
  const { sql } = database;
  const pair = await openPair(sql);
  await post(sql, [order(pair)], "each");
  await extendBy(sql, 2);
  const last = (await lastLink(sql))!;
  for (let n = 0; n < 50; n++) await sql`select pg_current_xact_id()`;
  await post(sql, [order(pair)], "each");
  const found = async () => nextCover(sql, last, 1);
  expect(await until(found, { what: "entries to be final" })).toMatchObject({ entries: 1, lastId: "3" });
});

test("a link covers so many entries at most, and the next one goes on behind it", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  const pair = await openPair(sql);
  const orders = Array.from({ length: LINK_SIZE / 2 + 10 }, () => order(pair));
  await post(sql, orders, "each");
  expect(await nextLink(sql)).toBe(LINK_SIZE);
  expect(await nextLink(sql)).toBe(20);
  expect(await verifyChain(sql, KEY)).toEqual({ links: 2, entries: LINK_SIZE + 20, broken: [] });
});
