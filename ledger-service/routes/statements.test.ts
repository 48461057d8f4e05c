import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Queryable } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { inCents, type StatementPage, walkStatement } from "../../tests/ledger/walk-statement.ts";
import { postTransfers } from "../sql/post-transfers.ts";

const { sql, ledger, move } = await useLedger();

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
      const pages = await walkStatement(ledger, id, `from=${recorded[1]}&to=${recorded[5]}&limit=3`);
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
  const all = `from=${new Date().toISOString()}&to=3000-01-01T00:00:00Z&limit=100`;
  for (let round = 0; round < 20; round++) {
    const [[page]] = await Promise.all([
      walkStatement(ledger, id, all),
      ...Array.from({ length: 4 }, () => move(house, id, "0.01")),
    ]);
    const moved = inCents(page!.closingBalance) - inCents(page!.openingBalance);
    expect(BigInt(page!.lines.length)).toBe(moved);
  }
});

test.each([0, 3])(
  "the pages of a statement that has not ended show it as it was at the first, in %d parts",
  async (subBalances) => {
    const [house, wallet] = [await openHouse(sql, { subBalances }), await openWallet(sql)];
    for (let made = 0; made < 5; made++) await move(house, wallet.id, "1");
    for (const id of [house, wallet.id]) {
      const before = inCents((await ledger.send("GET", `/v1/accounts/${id}`)).body.balance);
      const all = `from=2026-01-01T00:00:00Z&to=3000-01-01T00:00:00Z&limit=2`;
      const pages = await walkStatement(ledger, id, all, async () => {
        await move(house, wallet.id, "1");
      });
      expect(pages.map(({ closingBalance }) => inCents(closingBalance))).toEqual(pages.map(() => before));
      const lines = pages.flatMap((page) => page.lines);
      expect(inCents(lines.at(-1)!.runningBalance)).toBe(before);
      expect(BigInt(lines.length) * 100n).toBe(before < 0n ? -before : before);
    }
  },
);

test("what commits between two pages of an account in parts is in neither, though it was recorded before", async () => {
  const [late, early] = [await sql.reserve(), await sql.reserve()];
  const [a, b] = [await sessionOf(late), await sessionOf(early)];
  // So many parts that the two sessions write to different ones.
  const subBalances = [2, 3, 5, 7, 11, 13].find((parts) => a % parts !== b % parts)!;
  const [house, wallet, other] = [
    await openHouse(sql, { subBalances }),
    await openWallet(sql),
    await openWallet(sql),
  ];
  const pay = async (session: Queryable, destination: string, amount: string) => {
    const order = { id: uuidv7(), source: house, destination, amount, type: "transfer", ...NOBODY };
    expect(await postTransfers(session, [order])).toMatchObject([{ status: 201 }]);
  };
  const ask = async (cursor?: string | null) => {
    const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const query = `from=2026-01-01T00:00:00Z&to=3000-01-01T00:00:00Z&limit=2${after}`;
    const { body } = await ledger.send("GET", `/v1/accounts/${house}/statement?${query}`);
    return body as unknown as StatementPage;
  };

  await pay(early, wallet.id, "1");
  await late`begin`;
  await pay(late, other.id, "7");
  await pay(early, wallet.id, "2");
  await pay(early, wallet.id, "3");
  const first = await ask();
  await late`commit`;
  late.release();
  early.release();
  const second = await ask(first.nextCursor);
  const lines = [...first.lines, ...second.lines];
  expect(lines.map(({ amount }) => amount)).toEqual(["-1.00", "-2.00", "-3.00"]);
  expect(lines.map(({ runningBalance }) => runningBalance)).toEqual(["-1.00", "-3.00", "-6.00"]);
  expect([first.closingBalance, second.closingBalance]).toEqual(["-6.00", "-6.00"]);
  expect((await ask()).closingBalance).toBe("-13.00");
});

test("what an account in parts has may be more than one counter counts", async () => {
  const [house, other] = [await openHouse(sql, { subBalances: 4 }), await openHouse(sql)];
  // As if each part had taken nearly all that it can.
  const most = "3999999999999999900";
  await sql`
    with parts as (
      update ledger_sub_balances set credits_posted = ${most}::bigint, version = 1
      where account_id = ${house}::uuid returning sub
    )
    insert into ledger_transfers (
      id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
      source_sub, destination_sub, source_balance, destination_balance, entry_id, xid, exponent, currency, scope,
      recorded_at
    )
    select gen_random_uuid(), 'transfer', 'complete', ${other}::uuid, ${house}::uuid, ${most}::bigint, 1 + sub, 1,
      0, sub, 0, ${most}::bigint, nextval('ledger_entry_ids'), pg_current_xact_id(), 2, 'USD', 'platform', now()
    from parts`;
  try {
    const all = "159999999999999996.00";
    expect((await ledger.send("GET", `/v1/accounts/${house}`)).body).toMatchObject({ balance: all });
    expect((await ledger.send("GET", "/v1/accounts")).status).toBe(200);
    for (const basis of ["recorded", "effective"]) {
      const at = `/v1/accounts/${house}/balance?at=3000-01-01T00:00:00Z&basis=${basis}`;
      expect((await ledger.send("GET", at)).body.balance).toBe(all);
      const span = `from=2026-01-01T00:00:00Z&to=3000-01-01T00:00:00Z&limit=3&basis=${basis}`;
      const pages = await walkStatement(ledger, house, span);
      expect(pages.map(({ closingBalance }) => closingBalance)).toEqual([all, all]);
      expect(pages[1]!.lines.map(({ runningBalance }) => runningBalance)).toEqual([all]);
    }
  } finally {
    await sql`delete from ledger_transfers where destination_account_id = ${house}::uuid`;
    await sql`update ledger_sub_balances set credits_posted = 0, version = 0 where account_id = ${house}::uuid`;
  }
});

const NOBODY = { scope: "platform", instance: "", requestId: "" };

const sessionOf = async (session: Queryable): Promise<number> =>
  (await session<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid;
