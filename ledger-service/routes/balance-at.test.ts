import { describe, expect, test } from "vitest";
import { openHouse, openPair, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger, move } = await useLedger();

const ACCOUNTS = "/v1/accounts";
const TRANSFERS = "/v1/transfers";

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
