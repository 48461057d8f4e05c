import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { account } from "../../contracts/http/ledger-accounts.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { fundsOf, openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { authorizeOne, openLine } from "../../tests/ledger/credit-line.ts";

const { sql, ledger, move } = await useLedger();

const ACCOUNTS = "/v1/accounts";
const NOBODY = "0000000a-0000-4000-8000-00000000000a";
const person = (): Caller & { kind: "user" } => ({ kind: "user", id: randomUUID() });

describe("POST /v1/accounts", () => {
  test("an operator opens an account with an opening balance, which is a transfer; two events tell", async () => {
    const fundingAccountId = await openHouse(sql, { subBalances: 2 });
    const body = {
      currency: "USD",
      ownerId: randomUUID(),
      name: "Ada",
      openingBalance: 12.5,
      fundingAccountId,
    };
    const { status, body: opened, headers } = await ledger.send("POST", ACCOUNTS, { body });
    expect(status).toBe(201);
    expect(account.strict().parse(opened)).toMatchObject({
      kind: "wallet",
      balance: "12.50",
      available: "12.50",
      version: 2,
    });
    expect(headers.get("location")).toBe(`${ACCOUNTS}/${opened.id}`);
    expect((await fundsOf(sql, fundingAccountId)).balance).toBe(-1_250n);
    const house = await ledger.send("GET", `${ACCOUNTS}/${fundingAccountId}`);
    expect(house.body).toMatchObject({ balance: "-12.50" });
    expect(house.body).not.toHaveProperty("available");
    const events = await sql`
      select subject from outbox
      where payload ->> 'accountId' = ${opened.id} or payload ->> 'destinationAccountId' = ${opened.id}
      order by id`;
    expect(events.map(({ subject }) => subject)).toEqual(["account.created", "transaction.completed"]);
  });

  test("with too little to fund it there is no account, and the same key repeats that", async () => {
    const poor = await openWallet(sql, { balance: "1" });
    const body = { id: randomUUID(), currency: "USD", openingBalance: "2", fundingAccountId: poor.id };
    const key = randomUUID();
    const refused = await ledger.send("POST", ACCOUNTS, { key, body });
    expect(refused).toMatchObject({ status: 422, body: { code: "insufficient_funds", available: "1.00" } });
    expect((await ledger.send("GET", `${ACCOUNTS}/${body.id}`)).status).toBe(404);
    expect((await ledger.send("POST", ACCOUNTS, { key, body })).text).toBe(refused.text);
    expect((await ledger.send("POST", ACCOUNTS, { body: { ...body, openingBalance: "1" } })).status).toBe(
      201,
    );
  });

  test("money of another currency funds nothing, and the field that the body has is named", async () => {
    const yen = await openHouse(sql, { currency: "JPY", exponent: 0 });
    const body = { id: randomUUID(), currency: "USD", openingBalance: "2", fundingAccountId: yen };
    expect(await ledger.send("POST", ACCOUNTS, { body })).toMatchObject({
      status: 422,
      body: { code: "currency_mismatch", errors: [{ pointer: "/fundingAccountId" }] },
    });
    expect((await ledger.send("GET", `${ACCOUNTS}/${body.id}`)).status).toBe(404);
  });

  test("what a credit line reserves can be captured in every currency, whoever opened it", async () => {
    const caller = person();
    const line = { kind: "credit_line", currency: "BHD", ownerId: caller.id, creditLimit: "50" };
    expect((await ledger.send("POST", ACCOUNTS, { body: line })).status).toBe(201);
    const body = { amount: "1.005", currency: "BHD" };
    const { body: hold } = await ledger.send("POST", "/v1/authorizations", { caller, body });
    const captured = await ledger.send("POST", `/v1/authorizations/${hold.id}/capture`, { caller, body: {} });
    expect(captured).toMatchObject({ status: 201, body: { amount: "1.005" } });
    const [house] = await sql`select id from ledger_accounts where external_id = 'settlement:BHD'`;
    expect((await fundsOf(sql, house!["id"] as string)).balance).toBe(1_005n);
  });

  test.each([
    ["USD", "1000.005", 422],
    ["USD", "999999999999999.99", 201],
    ["CLF", "100000000000000", 201],
    ["CLF", "100000000000000.0001", 422],
  ])(
    "a limit in %s of %s is answered %i, at the opening and later",
    async (currency, creditLimit, status) => {
      const open = (limit: string) =>
        ledger.send("POST", ACCOUNTS, {
          body: { kind: "credit_line", currency, ownerId: randomUUID(), creditLimit: limit },
        });
      const refusal = { code: "validation_failed", errors: [{ pointer: "/creditLimit" }] };
      const expected = status === 422 ? refusal : { currency };
      expect(await open(creditLimit)).toMatchObject({ status, body: expected });
      const { body } = await open("1");
      const headers = { "if-match": '"1"' };
      const changed = await ledger.send("PATCH", `${ACCOUNTS}/${body.id}`, {
        body: { creditLimit },
        headers,
      });
      expect(changed).toMatchObject({ status: status === 422 ? 422 : 200, body: expected });
    },
  );

  test("the same key opens one account, and the same id another time is 409", async () => {
    const [key, id] = [randomUUID(), randomUUID()];
    const body = { id, currency: "EUR" };
    const answers = [
      await ledger.send("POST", ACCOUNTS, { key, body }),
      await ledger.send("POST", ACCOUNTS, { key, body }),
    ];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [201, answers[0]!.text],
      [201, answers[0]!.text],
    ]);
    expect(await ledger.send("POST", ACCOUNTS, { body })).toMatchObject({
      status: 409,
      body: { code: "account_exists", errors: [{ pointer: "/id" }] },
    });
  });

  test("a person's second line in a currency is 409, and the first one named, until that is closed", async () => {
    const line = { kind: "credit_line", currency: "USD", ownerId: randomUUID(), creditLimit: "50" };
    const open = (body: object) => ledger.send("POST", ACCOUNTS, { body });
    const first = await open(line);
    expect(await open(line)).toMatchObject({
      status: 409,
      body: { code: "account_exists", accountId: first.body.id, errors: [{ pointer: "/ownerId" }] },
    });
    expect((await open({ ...line, currency: "EUR" })).status).toBe(201);
    expect(await open({ ...line, id: first.body.id, ownerId: randomUUID() })).toMatchObject({
      status: 409,
      body: { code: "account_exists", errors: [{ pointer: "/id" }] },
    });
    const close = { headers: { "if-match": "*" }, body: { status: "closed" } };
    expect((await ledger.send("PATCH", `${ACCOUNTS}/${first.body.id}`, close)).status).toBe(200);
    expect((await open(line)).status).toBe(201);
  });

  test("a user opens wallets of their own, funded from their own, and nothing else", async () => {
    const ada = await openWallet(sql, { balance: "5" });
    const open = (body: object) =>
      ledger.send("POST", ACCOUNTS, { caller: ada.caller, body: { currency: "USD", ...body } });
    const mine = await open({ openingBalance: "2", fundingAccountId: ada.id });
    expect(mine).toMatchObject({ status: 201, body: { ownerId: ada.owner, balance: "2.00" } });
    const house = await openHouse(sql);
    const refused = await open({ openingBalance: "2", fundingAccountId: house });
    expect(refused).toMatchObject({ status: 404, body: { errors: [{ pointer: "/fundingAccountId" }] } });
    expect(await open({ kind: "system" })).toMatchObject({
      status: 403,
      body: { errors: [{ pointer: "/kind" }] },
    });
    expect(await open({ ownerId: randomUUID() })).toMatchObject({
      status: 403,
      body: { errors: [{ pointer: "/ownerId" }] },
    });
  });

  test.each([
    ["a currency that is none", { currency: "XYZ" }, "/currency"],
    ["a wallet with a limit", { creditLimit: "5" }, "/creditLimit"],
    ["a line without one", { kind: "credit_line" }, "/creditLimit"],
    ["a wallet in parts", { subBalances: 2 }, "/subBalances"],
    ["an opening balance from nowhere", { openingBalance: "5" }, "/fundingAccountId"],
    ["a negative balance", { openingBalance: "-5", fundingAccountId: randomUUID() }, "/openingBalance"],
    [
      "an account that funds itself",
      { kind: "bank", openingBalance: "5", id: NOBODY.toUpperCase(), fundingAccountId: NOBODY },
      "/fundingAccountId",
    ],
  ])("%s is 422 and names the field", async (_what, change, pointer) => {
    const body = { id: randomUUID() as string, currency: "USD", ...change };
    const answer = await ledger.send("POST", ACCOUNTS, { body });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
    expect((await ledger.send("GET", `${ACCOUNTS}/${body.id}`)).status).toBe(404);
  });
});

describe("reading", () => {
  test("an account has its version as ETag; a stranger does not find it", async () => {
    const wallet = await openWallet(sql, { balance: "5" });
    const found = await ledger.send("GET", `${ACCOUNTS}/${wallet.id}`, { caller: wallet.caller });
    expect(found).toMatchObject({ status: 200, body: { balance: "5.00", version: 2 } });
    expect(found.headers.get("etag")).toBe('"2"');
    for (const path of [
      "",
      "/balance?at=2026-01-01T00:00:00Z",
      "/statement?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z",
    ])
      expect(await ledger.send("GET", `${ACCOUNTS}/${wallet.id}${path}`, { caller: person() })).toMatchObject(
        {
          status: 404,
          body: { code: "account_not_found" },
        },
      );
  });

  test("an account shows what is reserved and what is left, and one in parts the sums of its parts", async () => {
    const line = await openLine(sql, 10_000);
    const { accountId } = line;
    const wallet = await openWallet(sql, { balance: "9" });
    await authorizeOne(sql, line, { amount: "30" });
    await move(accountId, wallet.id, "5");
    expect((await ledger.send("GET", `${ACCOUNTS}/${accountId}`)).body).toMatchObject({
      balance: "-5.00",
      creditLimit: "100.00",
      available: "65.00",
      debitsPosted: "5.00",
      debitsPending: "30.00",
      version: 3,
    });
    const house = await openHouse(sql, { subBalances: 3 });
    const before = (await ledger.send("GET", `${ACCOUNTS}/${house}`)).body.version as number;
    for (const amount of ["1", "2", "3"]) await move(wallet.id, house, amount);
    await move(house, wallet.id, "0.50");
    expect((await ledger.send("GET", `${ACCOUNTS}/${house}`)).body).toMatchObject({
      balance: "5.50",
      creditsPosted: "6.00",
      debitsPosted: "0.50",
      version: before + 4,
    });
  });

  test("the list is a user's own, in pages; operators see all and filter", async () => {
    const owner = randomUUID();
    for (let n = 0; n < 3; n++) await openWallet(sql, { owner });
    const caller: Caller = { kind: "user", id: owner };
    const page = await ledger.send("GET", `${ACCOUNTS}?limit=2`, { caller });
    const rest = await ledger.send("GET", `${ACCOUNTS}?limit=2&cursor=${page.body.nextCursor}`, { caller });
    expect([...page.body.items, ...rest.body.items].map(({ ownerId }) => ownerId)).toEqual([
      owner,
      owner,
      owner,
    ]);
    expect(rest.body.nextCursor).toBe(null);
    expect((await ledger.send("GET", `${ACCOUNTS}?ownerId=${owner}`)).body.items).toHaveLength(3);
    expect((await ledger.send("GET", `${ACCOUNTS}?ownerId=${owner}`, { caller: person() })).status).toBe(403);
    expect((await ledger.send("GET", `${ACCOUNTS}?kind=purse`)).status).toBe(400);
  });
});
