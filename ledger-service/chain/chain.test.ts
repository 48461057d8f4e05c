import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Queryable } from "../../platform/database/connect.ts";
import { until } from "../../tests/harness/until.ts";
import { uuidv7 } from "uuidv7";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import { lastLink } from "../sql/chain.ts";
import { chainLag, nextPlace } from "../sql/chain-records.ts";
import {
  KEY,
  extendBy,
  linkAll,
  nextLink,
  openPair,
  order,
  whileUndone,
} from "../../tests/ledger/chain-links.ts";
import { LINK_SIZE, endOf, extendChain } from "./extend-chain.ts";
import { BEGINNING } from "./link-hash.ts";
import { verifyChain } from "./verify-chain.ts";

describe("a chain over a used ledger", () => {
  let database: FreshDatabase;
  // The openings may be in more than one link.
  let openings: number;
  beforeAll(async () => {
    database = await freshDatabase({ max: 4 });
    const { sql } = database;
    const pair = await openPair(sql);
    await linkAll(sql);
    openings = Number((await lastLink(sql))!.link);
    for (let turn = 0; turn < 3; turn++) {
      await sql.begin((tx) => post(tx, [order(pair), order(pair)], "each"));
      await extendBy(sql, 2);
    }
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("covers each transfer and each opening once and is whole", async () => {
    expect(await verifyChain(database.sql, KEY)).toEqual({
      links: openings + 3,
      records: 2 + 6,
      entries: 0,
      broken: [],
    });
    expect(await verifyChain(database.sql, undefined)).toMatchObject({ broken: [] });
    expect(await extendChain(database.sql, KEY)).toBe(0);
  });

  test("another key finds every link wrong", async () => {
    const { broken } = await verifyChain(database.sql, `${KEY}-not`);
    expect(broken).toHaveLength(openings + 3);
  });

  type Tampering = readonly [
    name: string,
    /** Of the three behind the openings. */
    link: number,
    detail: RegExp,
    tamper: (sql: Queryable) => Promise<unknown>,
  ];
  const NO_KEY = /^its hash was not made with the key from the link before it$/;
  const tamperings: Tampering[] = [
    [
      "a transfer taken away",
      2,
      /^transfer \S{36} was taken away$/,
      (sql) => sql`delete from ledger_transfers where entry_id = 5`,
    ],
    [
      "a transfer put in",
      2,
      /^transfer \S{36} was put in$/,
      (sql) => sql`
        insert into ledger_transfers
        select (jsonb_populate_record(t, jsonb_build_object('id', ${uuidv7()}::text, 'entry_id', 6, 'source_version', 99, 'destination_version', 99))).*
        from ledger_transfers as t where entry_id = 5`,
    ],
    [
      "a transfer moved into another transaction",
      2,
      /^transfer \S{36}: xid is "\d+", was "\d+"$/,
      (sql) => sql`
        update ledger_transfers as t set xid = e.xid from ledger_transfers as e where t.entry_id = 5 and e.entry_id = 1`,
    ],
    [
      "a transfer and its copy",
      2,
      /^covers 2 records, 2 are there; one was changed, and no copy/,
      async (sql) => {
        await sql`update ledger_transfers set type = 'gift' where entry_id = 5`;
        await sql`update ledger_chain_copies set records[1] = replace(records[1], 'transfer,', 'gift,')`;
      },
    ],
    [
      "a transfer whose copy was removed",
      2,
      /^covers 2 records, 2 are there; one was changed, and no copy/,
      async (sql) => {
        await sql`update ledger_transfers set type = 'gift' where entry_id = 5`;
        await sql`delete from ledger_chain_copies`;
      },
    ],
    [
      "a transfer and its link's digest, by someone without the key",
      2,
      NO_KEY,
      async (sql) => {
        await sql`update ledger_transfers set amount = amount + 1 where entry_id = 5`;
        await sql`
          update ledger_chain as l set digest = (
            select c.digest from ledger_chain as b
            cross join lateral ledger_chain_cover(
              b.last_xid, b.last_subject, b.last_id, l.last_xid, l.last_subject, l.last_id
            ) as c
            where b.link = l.link - 1
          ) where l.link = ${openings + 2}`;
      },
    ],
    [
      "a link taken away",
      3,
      /^follows link \d+: those between were taken away$/,
      (sql) => sql`delete from ledger_chain where link = ${openings + 2}`,
    ],
    [
      "a link that says to be of the first version",
      2,
      /^covers entries alone, behind links that cover records$/,
      (sql) => sql`
        update ledger_chain set version = 1, last_subject = null where link = ${openings + 2}`,
    ],
    [
      "a transfer of a transaction that has not been yet",
      4,
      /^transfer \S{36} is in no link: it names transaction 9000000000, which has not been yet$/,
      (sql) => sql`
        insert into ledger_transfers
        select (jsonb_populate_record(t, jsonb_build_object('id', ${uuidv7()}::text, 'xid', '9000000000', 'source_version', 99, 'destination_version', 99))).*
        from ledger_transfers as t where entry_id = 5`,
    ],
  ];

  test.each(tamperings)("finds %s, and names the link", async (_name, link, detail, tamper) => {
    const broken = await whileUndone(database.sql, tamper, (tx) => verifyChain(tx, KEY));
    expect(broken.broken[0]).toEqual({
      link: String(openings + link),
      detail: expect.stringMatching(detail),
    });
  });

  test("what was changed is named without the key as well", async () => {
    const { broken } = await whileUndone(
      database.sql,
      (tx) => tx`update ledger_transfers set amount = amount + 1 where entry_id = 5`,
      (tx) => verifyChain(tx, undefined),
    );
    expect(broken).toEqual([
      {
        link: String(openings + 2),
        detail: expect.stringMatching(/^transfer \S{36}: amount is "126", was "125"$/),
      },
    ]);
  });

  test("copies of old links may go, and the proof stays", async () => {
    const { broken } = await whileUndone(
      database.sql,
      (tx) => tx`delete from ledger_chain_copies`,
      (tx) => verifyChain(tx, KEY),
    );
    expect(broken).toEqual([]);
  });
});

test("entries of a transaction that is still under way wait, and those that commit after later ones are not missed", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  const [slow, quick] = [await openPair(sql), await openPair(sql)];
  await linkAll(sql);
  await sql.begin(async (tx) => {
    await post(tx, [order(slow)], "each");
    await post(sql, [order(quick)], "each");
    expect(await extendChain(sql, KEY)).toBe(0);
    const lag = await chainLag(sql, endOf(await lastLink(sql)), 1_000);
    expect(lag.entries).toBe(1);
    expect(lag.seconds).toBeGreaterThan(0);
  });
  await extendBy(sql, 2);
  expect(await extendChain(sql, KEY)).toBe(0);
  expect(await verifyChain(sql, KEY)).toMatchObject({ records: 6, broken: [] });
  expect(await chainLag(sql, endOf(await lastLink(sql)), 1_000)).toEqual({ entries: 0, seconds: 0 });
});

test("many processes extend one chain while transfers come in: no record is in two links, none in none", async () => {
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
  const all = 4 * 2 + 4 * 15 * 2;
  if (covered < all) await extendBy(sql, all - covered);
  expect(await extendChain(sql, KEY)).toBe(0);
  expect(await verifyChain(sql, KEY)).toMatchObject({ records: all, broken: [] });
});

test("entries are found behind however many transactions without any", async () => {
  await using database = await freshDatabase({ max: 2 });
  const { sql } = database;
  const pair = await openPair(sql);
  await post(sql, [order(pair)], "each");
  await linkAll(sql);
  const last = endOf(await lastLink(sql));
  for (let n = 0; n < 50; n++) await sql`select pg_current_xact_id()`;
  await post(sql, [order(pair)], "each");
  const found = async () => nextPlace(sql, last, 16);
  expect(await until(found, { what: "records to be final" })).toMatchObject({
    subject: BEGINNING.subject,
    number: "3",
  });
});

test("a link covers so many entries at most, and the next one goes on behind it", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  const pair = await openPair(sql);
  await linkAll(sql);
  const before = await verifyChain(sql, KEY);
  const orders = Array.from({ length: LINK_SIZE + 20 }, () => order(pair));
  await post(sql, orders, "each");
  expect(await nextLink(sql)).toBe(LINK_SIZE);
  expect(await nextLink(sql)).toBe(20);
  expect(await verifyChain(sql, KEY)).toEqual({
    links: before.links + 2,
    records: 2 + LINK_SIZE + 20,
    entries: 0,
    broken: [],
  });
});
