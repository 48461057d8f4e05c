import { describe, expect, test } from "vitest";
import { openHouse, openPair, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

const TRANSFERS = "/v1/transfers";

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
