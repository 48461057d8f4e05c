import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { inCents, walkStatement } from "../../tests/ledger/walk-statement.ts";

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
