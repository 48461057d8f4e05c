import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showStatement } from "../../contracts/http/ledger-accounts.ts";
import { freshDatabase, type FreshDatabase } from "../../tests/harness/database.ts";
import {
  findFaults,
  type LedgerReplica,
  openHouse,
  openPair,
  openWallet,
  startLedger,
} from "../../tests/harness/ledger-service.ts";

let database: FreshDatabase;
let ledger: LedgerReplica;
let sql: FreshDatabase["sql"];
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
  ledger = startLedger(sql);
});
afterAll(async () => {
  expect(await findFaults(sql)).toEqual([]);
  await ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const ACCOUNTS = "/v1/accounts";
const TRANSFERS = "/v1/transfers";
const move = (sourceAccountId: string, destinationAccountId: string, amount: string, more = {}) =>
  ledger.send("POST", "/v1/transfers", { body: { sourceAccountId, destinationAccountId, amount, ...more } });

test("a balance at any moment is what had been recorded, or had taken effect, by then", async () => {
  const house = await openHouse(sql, { subBalances: 3 });
  const wallet = await openWallet(sql);
  const moments: { at: string; balance: string }[] = [];
  for (let n = 1; n <= 9; n++) {
    const { body } = await move(house, wallet.id, "1");
    moments.push({ at: body.recordedAt, balance: `${n}.00` });
  }
  const { body: late } = await move(house, wallet.id, "100", { effectiveAt: "2026-01-15T12:00:00Z" });
  const balance = async (id: string, at: string, basis = "recorded") =>
    (await ledger.send("GET", `${ACCOUNTS}/${id}/balance?at=${at}&basis=${basis}`)).body.balance;
  for (const moment of moments) {
    expect(await balance(wallet.id, moment.at)).toBe(moment.balance);
    expect(await balance(house, moment.at)).toBe(`-${moment.balance}`);
    expect(await balance(wallet.id, moment.at, "effective")).toBe(`10${moment.balance}`);
  }
  expect(await balance(wallet.id, "2026-01-15T11:59:59Z", "effective")).toBe("0.00");
  expect(await balance(wallet.id, "2026-01-15T12:00:00Z", "effective")).toBe("100.00");
  expect(await balance(wallet.id, "2026-01-15T12:00:00Z")).toBe("0.00");
  expect(await balance(wallet.id, late.recordedAt)).toBe("109.00");
  expect((await ledger.send("GET", `${ACCOUNTS}/${wallet.id}/balance?at=yesterday`)).status).toBe(400);
});

describe("moments that a client may write and the database may not know", () => {
  const UNKNOWN = [
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:59.9999999Z",
    "2026-01-01T00:00:00+16:00",
    "2026-01-01T00:00:00-23:59",
  ];
  const KNOWN = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00.1234567-15:59"];

  test.each([...UNKNOWN.map((at) => [at, 400, 422] as const), ...KNOWN.map((at) => [at, 200, 201] as const)])(
    "%s is answered %i in a query, %i in a transfer",
    async (at, looked, moved) => {
      const { source, order } = await openPair(sql);
      const when = encodeURIComponent(at);
      const account = `${ACCOUNTS}/${source.id}`;
      for (const basis of ["recorded", "effective"])
        for (const path of [`balance?at=${when}`, `statement?from=${when}&to=${when}`])
          expect((await ledger.send("GET", `${account}/${path}&basis=${basis}`)).status).toBe(looked);
      const body = { ...order, amount: "1", effectiveAt: at };
      expect((await ledger.send("POST", TRANSFERS, { body })).status).toBe(moved);
    },
  );

  test.each(["2026-02-30T00:00:00.000000Z_0_5", "0000-01-01T00:00:00.000000Z_0_5"])(
    "no cursor is %s",
    async (cursor) => {
      const { source } = await openPair(sql);
      const span = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";
      for (const path of [
        `${TRANSFERS}?accountId=${source.id}`,
        `${ACCOUNTS}/${source.id}/statement?${span}`,
      ])
        expect(await ledger.send("GET", `${path}&cursor=${cursor}`)).toMatchObject({
          status: 400,
          body: { errors: [{ pointer: "/cursor" }] },
        });
    },
  );
});

type Line = {
  transferId: string;
  amount: string;
  runningBalance: string;
  recordedAt: string;
  effectiveAt: string;
};
type Page = { openingBalance: string; closingBalance: string; lines: Line[]; nextCursor: string | null };

/** A statement's pages, as a client walks through them; `between` happens after each that has another behind it. */
const walk = async (id: string, query: string, between: () => Promise<void> = async () => {}) => {
  const pages: Page[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const { body } = await ledger.send("GET", `${ACCOUNTS}/${id}/statement?${query}${after}`);
    pages.push(showStatement.responses[200].content["application/json"].schema.parse(body));
    cursor = pages.at(-1)!.nextCursor;
    if (cursor !== null) await between();
  }
  return pages;
};

test.each([0, 3])(
  "a statement opens, runs and closes without a gap over its pages, in %d parts",
  async (subBalances) => {
    const house = await openHouse(sql, { subBalances });
    const wallet = await openWallet(sql);
    const recorded: string[] = [];
    for (const amount of ["1", "2", "3", "4", "5", "6"])
      recorded.push((await move(house, wallet.id, amount, { referenceId: randomUUID() })).body.recordedAt);
    for (const [id, sign] of [
      [wallet.id, ""],
      [house, "-"],
    ] as const) {
      const pages = await walk(id, `from=${recorded[1]}&to=${recorded[5]}&limit=3`);
      for (const page of pages)
        expect([page.openingBalance, page.closingBalance]).toEqual([`${sign}1.00`, `${sign}15.00`]);
      const lines = pages.flatMap((page) => page.lines);
      expect(lines.map(({ amount }) => amount)).toEqual(
        ["2.00", "3.00", "4.00", "5.00"].map((amount) => sign + amount),
      );
      expect(lines.map((line) => line.runningBalance)).toEqual(
        ["3.00", "6.00", "10.00", "15.00"].map((amount) => sign + amount),
      );
    }
  },
);

test("a statement's lines lead from its opening to its closing, also while money moves", async () => {
  const [house, { id }] = [await openHouse(sql), await openWallet(sql)];
  const inCents = (decimal: string): bigint => BigInt(decimal.replace(".", ""));
  const all = `from=${new Date().toISOString()}&to=3000-01-01T00:00:00Z&limit=100`;
  for (let round = 0; round < 20; round++) {
    const [[page]] = await Promise.all([
      walk(id, all),
      ...Array.from({ length: 4 }, () => move(house, id, "0.01")),
    ]);
    const moved = inCents(page!.closingBalance) - inCents(page!.openingBalance);
    expect(BigInt(page!.lines.length)).toBe(moved);
  }
});

describe("a statement by the effective time", () => {
  const day = (number: number): string => `2026-01-0${number}T00:00:00.000000Z`;
  const of = (from: string, to: string, more = ""): string => `from=${from}&to=${to}&basis=effective${more}`;

  test("what is recorded late stands where it counts from, and moves what later periods open with", async () => {
    const house = await openHouse(sql);
    const { id } = await openWallet(sql);
    await move(house, id, "10", { effectiveAt: day(2) });
    await move(house, id, "5", { effectiveAt: day(4) });
    const [before] = await walk(id, of(day(3), day(5)));
    expect(before).toMatchObject({ openingBalance: "10.00", closingBalance: "15.00" });
    await move(house, id, "1", { effectiveAt: day(1) });
    const [late] = await walk(id, of(day(3), day(5)));
    expect(late).toMatchObject({ openingBalance: "11.00", closingBalance: "16.00" });
    expect(late!.lines).toMatchObject([{ amount: "5.00", runningBalance: "16.00", effectiveAt: day(4) }]);
    const [first] = await walk(id, of(day(1), day(2)));
    expect(first).toMatchObject({ openingBalance: "0.00", closingBalance: "1.00", lines: [{}] });
    expect((await walk(id, `from=${day(1)}&to=${day(5)}`))[0]).toMatchObject({
      lines: [],
      closingBalance: "0.00",
    });
  });

  test("a time that ends before it begins, another basis, and a cursor that is none of its own, are 400 and named", async () => {
    const { id } = await openWallet(sql);
    const ask = async (query: string) =>
      (await ledger.send("GET", `${ACCOUNTS}/${id}/statement?${query}`)) as { status: number; body: unknown };
    expect(await ask(`from=${day(1)}&to=${day(2)}&basis=posted`)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/basis" }] },
    });
    // By the moments, not by their letters: the second is half an hour before the first.
    const [from, to] = ["2026-01-15T12:00:00Z", "2026-01-15T13:30:00%2B02:00"];
    for (const reversed of [`from=${from}&to=${to}`, `from=${day(2)}&to=${day(1)}&basis=effective`])
      expect(await ask(reversed)).toMatchObject({ status: 400, body: { errors: [{ pointer: "/to" }] } });
    for (const cursor of ["", "_", `${day(1)}_${day(1)}_0_1`, `${day(1)}_${day(1)}_0_1_0.00_0.00_0.00_1:1:_`])
      expect(await ask(of(day(1), day(2), `&cursor=${cursor}`))).toMatchObject({
        status: 400,
        body: { code: "invalid_query", errors: [{ pointer: "/cursor" }] },
      });
  });

  test("a cursor is taken as it was given, for the account and the span that it was given for", async () => {
    const [house, { id }] = [await openHouse(sql), await openWallet(sql)];
    for (const at of [day(2), day(2), day(3)]) await move(house, id, "1", { effectiveAt: at });
    const ask = (account: string, from: string, to: string, cursor = "") => {
      const more = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const query = of(from, to, `&limit=1${more}`);
      return ledger.send("GET", `${ACCOUNTS}/${account}/statement?${query}`);
    };
    const { nextCursor } = (await ask(id, day(1), day(4))).body;
    const cursor = nextCursor!;
    expect((await ask(id, day(1), day(4), cursor)).body).toMatchObject({
      lines: [{ runningBalance: "2.00" }],
    });
    expect(cursor).toContain("_3.00_1.00_");
    const forged = [
      cursor.replace("_1.00_", "_9.00_"),
      cursor.replace("_3.00_", "_9.00_"),
      cursor.slice(0, -1),
      `${cursor}_`,
    ];
    const refused = await Promise.all([
      ...forged.map((one) => ask(id, day(1), day(4), one)),
      ask(house, day(1), day(4), cursor),
      ask(id, day(2), day(4), cursor),
      ask(id, day(1), day(5), cursor),
    ]);
    for (const answer of refused)
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: "/cursor" }] } });
  });

  test("opens and closes with the balances of those moments, runs without a gap, and its pages stand still", async () => {
    const [plain, hot] = [await openHouse(sql), await openHouse(sql, { subBalances: 3 })];
    type Known = { id: string; cents: bigint; effectiveAt: string; recordedAt: string };
    const known: Known[] = [];
    const effective = fc.constantFrom(
      undefined,
      day(1),
      day(2),
      day(2),
      day(3),
      day(4),
      "2999-01-01T00:00:00Z",
    );
    const transfer = fc.record({ cents: fc.integer({ min: -999, max: 999 }).filter(Boolean), effective });
    const record = async ({ cents, effective: at }: { cents: number; effective: string | undefined }) => {
      const amount = (Math.abs(cents) / 100).toFixed(2);
      const [source, destination] = cents < 0 ? [plain, hot] : [hot, plain];
      const { body } = await move(source, destination, amount, at === undefined ? {} : { effectiveAt: at });
      known.push({ ...body, cents: BigInt(cents) });
    };
    const balanceAt = async (id: string, at: string): Promise<string> =>
      (await ledger.send("GET", `${ACCOUNTS}/${id}/balance?at=${at}&basis=effective`)).body.balance;
    const justBefore = async (at: string): Promise<string> => {
      const [row] =
        await sql`select ledger_time(${at}::text::timestamptz - interval '1 microsecond') as before`;
      return row!["before"] as string;
    };
    const inCents = (decimal: string): bigint => BigInt(decimal.replace(".", ""));

    for (const one of fc.sample(transfer, { numRuns: 20, seed: 5 })) await record(one);
    const recorded = known.map(({ recordedAt }) => recordedAt);
    const moment = fc.oneof(
      fc.constantFrom(day(1), day(2), day(3), day(5)),
      fc.constantFrom(...recorded),
      fc.constant("3000-01-01T00:00:00.000000Z"),
    );
    const span = fc.tuple(moment, moment).map((both) => both.toSorted() as [string, string]);
    const property = fc.asyncProperty(
      span,
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.array(transfer, { maxLength: 3 }),
      async ([from, to], limit, isHot, meanwhile) => {
        const coming = [...meanwhile];
        const id = isHot ? hot : plain;
        const opening = await balanceAt(id, await justBefore(from));
        const closing = await balanceAt(id, await justBefore(to));
        const expected = known
          .filter(({ effectiveAt }) => effectiveAt >= from && effectiveAt < to)
          .toSorted((a, b) => compare(a.effectiveAt, b.effectiveAt) || compare(a.recordedAt, b.recordedAt));
        const pages = await walk(id, of(from, to, `&limit=${limit}`), async () => {
          const next = coming.pop();
          if (next) await record(next);
        });
        for (const page of pages)
          expect([page.openingBalance, page.closingBalance]).toEqual([opening, closing]);
        const lines = pages.flatMap((page) => page.lines);
        expect(lines.map((line) => line.transferId)).toEqual(expected.map((one) => one.id));
        let running = inCents(opening);
        for (const [n, line] of lines.entries()) {
          running += isHot ? -expected[n]!.cents : expected[n]!.cents;
          expect(inCents(line.runningBalance)).toBe(running);
        }
        expect(running).toBe(inCents(closing));
      },
    );
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
});

describe("lists of transfers", () => {
  test("the cursor walks through what was posted, newest first, once each, also on an account in parts", async () => {
    const house = await openHouse(sql, { subBalances: 4 });
    const wallet = await openWallet(sql);
    const transfers = Array.from({ length: 5 }, () => ({
      sourceAccountId: house,
      destinationAccountId: wallet.id,
      amount: "1",
    }));
    const made: string[] = [];
    for (const body of transfers) made.unshift((await ledger.send("POST", TRANSFERS, { body })).body.id);
    const batch = await ledger.send("POST", `${TRANSFERS}/bulk`, { body: { transfers } });
    for (const { transfer: one } of batch.body.items) made.unshift(one.id);
    for (const accountId of [house, wallet.id])
      expect(await walkThrough(`accountId=${accountId}&limit=3`)).toEqual(made);
  });

  test("of one status only those are listed, however many others lie between", async () => {
    const { source, destination, order } = await openPair(sql);
    const made = async () =>
      (await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "1" } })).body.id;
    const [kept, reverted] = [await made(), await made()];
    const { body: revert } = await ledger.send("POST", `${TRANSFERS}/${reverted}/revert`, { body: {} });
    const transfers = Array.from({ length: 1_000 }, () => ({ ...order, amount: "0.01" }));
    const { body: batch } = await ledger.send("POST", `${TRANSFERS}/bulk`, { body: { transfers } });
    const later = batch.items.map(({ transfer: one }) => one.id).toReversed();
    for (const { id } of [source, destination])
      expect(await walkThrough(`accountId=${id}&status=rollback&limit=1`)).toEqual([reverted]);
    const complete = await walkThrough(`accountId=${destination.id}&status=complete&limit=100`);
    expect(complete).toEqual([...later, revert.id, kept]);
  });

  const walkThrough = async (query: string): Promise<string[]> => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const { body } = await ledger.send("GET", `${TRANSFERS}?${query}${after}`);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    return seen;
  };

  test("a stranger sees neither another's list nor a transfer; a party sees both", async () => {
    const { source, destination, order } = await openPair(sql);
    const { body: made } = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "1" } });
    const stranger = await openWallet(sql);
    for (const path of [`${TRANSFERS}/${made.id}`, `${TRANSFERS}?accountId=${source.id}`]) {
      expect((await ledger.send("GET", path, { caller: stranger.caller })).status).toBe(404);
      expect((await ledger.send("GET", path, { caller: source.caller })).status).toBe(200);
    }
    expect((await ledger.send("GET", `${TRANSFERS}/${made.id}`, { caller: destination.caller })).status).toBe(
      200,
    );
  });

  test.each(["", "accountId=me", "accountId=x&limit=0", "cursor=%00"])("?%s is 400", async (query) => {
    expect(await ledger.send("GET", `${TRANSFERS}?${query}`)).toMatchObject({
      status: 400,
      body: { code: "invalid_query" },
    });
  });
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
