import fc from "../../tests/harness/fast-check.ts";
import { describe, expect, test } from "vitest";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { inCents, walkStatement } from "../../tests/ledger/walk-statement.ts";

const { sql, ledger, move } = await useLedger();

describe("a statement by the effective time", () => {
  const day = (number: number): string => `2026-01-0${number}T00:00:00.000000Z`;
  const of = (from: string, to: string, more = ""): string => `from=${from}&to=${to}&basis=effective${more}`;

  test("what is recorded late stands where it counts from, and moves what later periods open with", async () => {
    const house = await openHouse(sql);
    const { id } = await openWallet(sql);
    await move(house, id, "10", { effectiveAt: day(2) });
    await move(house, id, "5", { effectiveAt: day(4) });
    const [before] = await walkStatement(ledger, id, of(day(3), day(5)));
    expect(before).toMatchObject({ openingBalance: "10.00", closingBalance: "15.00" });
    await move(house, id, "1", { effectiveAt: day(1) });
    const [late] = await walkStatement(ledger, id, of(day(3), day(5)));
    expect(late).toMatchObject({ openingBalance: "11.00", closingBalance: "16.00" });
    expect(late!.lines).toMatchObject([{ amount: "5.00", runningBalance: "16.00", effectiveAt: day(4) }]);
    const [first] = await walkStatement(ledger, id, of(day(1), day(2)));
    expect(first).toMatchObject({ openingBalance: "0.00", closingBalance: "1.00", lines: [{}] });
    expect((await walkStatement(ledger, id, `from=${day(1)}&to=${day(5)}`))[0]).toMatchObject({
      lines: [],
      closingBalance: "0.00",
    });
  });

  test("a reversal counts from the day that it is given, once, whatever is said again", async () => {
    const house = await openHouse(sql);
    const { id } = await openWallet(sql);
    const made = (await move(house, id, "10", { effectiveAt: day(2) })).body;
    const revert = (body: object, key = "revert-1") =>
      ledger.send("POST", `/v1/transfers/${made.id}/revert`, { body, key: `${key}-${made.id}` });
    expect(await revert({ effectiveAt: "yesterday" }, "bad")).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/effectiveAt" }] },
    });
    const back = await revert({ effectiveAt: "2026-01-03T01:00:00+01:00" });
    expect(back).toMatchObject({
      status: 201,
      body: { type: "revert", revertsTransferId: made.id, effectiveAt: day(3) },
    });
    expect((await revert({ effectiveAt: "2026-01-03T01:00:00+01:00" })).text).toBe(back.text);
    expect((await revert({ effectiveAt: day(4) })).body.code).toBe("idempotency_key_reused");
    expect((await revert({ effectiveAt: day(4) }, "another")).body.code).toBe("transfer_already_reverted");
    const [then] = await walkStatement(ledger, id, of(day(1), day(3)));
    const [after] = await walkStatement(ledger, id, of(day(3), day(5)));
    expect([then!.closingBalance, after!.openingBalance, after!.closingBalance]).toEqual([
      "10.00",
      "10.00",
      "0.00",
    ]);
  });

  test("a time that ends before it begins, another basis, and a cursor that is none of its own, are 400 and named", async () => {
    const { id } = await openWallet(sql);
    const ask = async (query: string) =>
      (await ledger.send("GET", `/v1/accounts/${id}/statement?${query}`)) as {
        status: number;
        body: unknown;
      };
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
      return ledger.send("GET", `/v1/accounts/${account}/statement?${query}`);
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
      (await ledger.send("GET", `/v1/accounts/${id}/balance?at=${at}&basis=effective`)).body.balance;
    const justBefore = async (at: string): Promise<string> => {
      const [row] =
        await sql`select ledger_time(${at}::text::timestamptz - interval '1 microsecond') as before`;
      return row!["before"] as string;
    };

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
        const pages = await walkStatement(ledger, id, of(from, to, `&limit=${limit}`), async () => {
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

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
