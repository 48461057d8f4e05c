import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger, move } = await useLedger();

const ACCOUNTS = "/v1/accounts";

describe("PATCH /v1/accounts/{id}", () => {
  const line = async (creditLimit: string) => {
    const { body } = await ledger.send("POST", ACCOUNTS, {
      body: { kind: "credit_line", currency: "USD", creditLimit, ownerId: randomUUID() },
    });
    return body.id as string;
  };
  const patch = (id: string, version: number | undefined, body: unknown, options = {}) =>
    ledger.send("PATCH", `${ACCOUNTS}/${id}`, {
      body,
      headers: version === undefined ? {} : { "if-match": `"${version}"` },
      ...options,
    });

  test("changes a limit under its version, and tells the new one; a version that has passed is 412", async () => {
    const id = await line("100");
    const changed = await patch(id, 1, { creditLimit: "250.5", reason: "grew" });
    expect(changed).toMatchObject({
      status: 200,
      body: { creditLimit: "250.50", available: "250.50", version: 2 },
    });
    expect(changed.headers.get("etag")).toBe('"2"');
    expect(await patch(id, 1, { creditLimit: "1" })).toMatchObject({
      status: 412,
      body: { code: "version_mismatch", version: 2 },
    });
    const [event] =
      await sql`select payload from outbox where subject = 'account.updated' and payload ->> 'accountId' = ${id}`;
    expect(event!["payload"]).toMatchObject({ version: 2, creditLimit: "250.50", reason: "grew" });
  });

  test("a limit below what is in use breaks nothing that is there, and blocks what is new until it is paid back", async () => {
    const id = await line("100");
    const shop = await openHouse(sql);
    expect((await move(id, shop, "80")).status).toBe(201);
    expect(await patch(id, 2, { creditLimit: "50" })).toMatchObject({
      status: 200,
      body: { balance: "-80.00", available: "0.00" },
    });
    expect(await move(id, shop, "0.01")).toMatchObject({ status: 422, body: { available: "0.00" } });
    expect((await move(shop, id, "40")).status).toBe(201);
    expect(await move(id, shop, "10.01")).toMatchObject({ status: 422, body: { available: "10.00" } });
    expect((await move(id, shop, "10")).status).toBe(201);
    const [row] = await sql`select overlimit from ledger_accounts where id = ${id}`;
    expect(Number(row!["overlimit"])).toBe(0);
  });

  test("If-Match: * changes whatever the account has become, and asks that there is one", async () => {
    const anyVersion = { headers: { "if-match": "*" } };
    const wallet = await openWallet(sql, { balance: "5" });
    const house = await openHouse(sql, { subBalances: 2 });
    await move(wallet.id, house, "1");
    for (const [id, version] of [
      [wallet.id, 4],
      [house, 3],
    ] as const) {
      const frozen = await patch(id, undefined, { status: "frozen" }, anyVersion);
      expect(frozen).toMatchObject({ status: 200, body: { status: "frozen", version } });
      expect(frozen.headers.get("etag")).toBe(`"${version}"`);
    }
    expect((await patch(wallet.id, undefined, { status: "closed" }, anyVersion)).body.code).toBe(
      "account_in_use",
    );
    const nothing = await patch(randomUUID(), undefined, { status: "frozen" }, anyVersion);
    expect([nothing.status, nothing.body.code]).toEqual([404, "account_not_found"]);
  });

  test("an account that is frozen by * while it is busy is frozen at the first attempt", async () => {
    const wallet = await openWallet(sql, { balance: "100" });
    const house = await openHouse(sql);
    const moves = Array.from({ length: 20 }, () => move(wallet.id, house, "1"));
    const frozen = patch(wallet.id, undefined, { status: "frozen" }, { headers: { "if-match": "*" } });
    moves.push(...Array.from({ length: 20 }, () => move(wallet.id, house, "1")));
    expect((await frozen).status).toBe(200);
    const moved = (await Promise.all(moves)).filter(({ status }) => status === 201).length;
    expect((await move(wallet.id, house, "1")).status).toBe(422);
    expect((await ledger.send("GET", `${ACCOUNTS}/${wallet.id}`)).body).toMatchObject({
      status: "frozen",
      balance: `${100 - moved}.00`,
    });
  });

  test("frozen gives nothing, closed needs an empty account, and takes nothing", async () => {
    const wallet = await openWallet(sql, { balance: "5" });
    const house = await openHouse(sql);
    expect((await patch(wallet.id, 2, { status: "frozen" })).status).toBe(200);
    expect(await move(wallet.id, house, "1")).toMatchObject({
      status: 422,
      body: { code: "account_not_open" },
    });
    expect(await patch(wallet.id, 3, { status: "closed" })).toMatchObject({
      status: 409,
      body: { code: "account_in_use" },
    });
    await patch(wallet.id, 3, { status: "open" });
    expect((await move(wallet.id, house, "5")).status).toBe(201);
    expect((await patch(wallet.id, 5, { status: "closed" })).status).toBe(200);
    expect(await move(house, wallet.id, "1")).toMatchObject({
      status: 422,
      body: { code: "account_not_open" },
    });
  });

  test("what is missing or wrong is named; users may not", async () => {
    const id = await line("100");
    expect(await patch(id, undefined, { creditLimit: "1" })).toMatchObject({
      status: 400,
      body: { code: "precondition_missing" },
    });
    for (const tag of ["1", "", 'W/"1"', '"x"', "**"])
      expect(await patch(id, 1, { creditLimit: "1" }, { headers: { "if-match": tag } })).toMatchObject({
        status: 400,
        body: { code: "invalid_header" },
      });
    expect(await patch(id, 1, { creditLimit: "1.001" })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/creditLimit" }] },
    });
    expect(await patch(id, 1, {})).toMatchObject({ status: 422 });
    const wallet = await openWallet(sql);
    expect(await patch(wallet.id, 1, { creditLimit: "1" })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/creditLimit" }] },
    });
    expect(await patch(wallet.id, 1, { status: "frozen" }, { caller: wallet.caller })).toMatchObject({
      status: 403,
    });
    expect(await patch(randomUUID(), 1, { status: "frozen" })).toMatchObject({ status: 404 });
  });
});
