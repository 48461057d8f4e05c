import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import { accountIdOf } from "../domain/external-account-id.ts";
import { fundsOf, LEDGER_OPERATOR, openPair, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

// Money that is moved otherwise than by one new transfer: back, in bulk, by the sibling's names.

const { sql, ledger } = await useLedger();

const TRANSFERS = "/v1/transfers";
const person = (): Caller & { kind: "user" } => ({ kind: "user", id: randomUUID() });

describe("POST /v1/transfers/{id}/revert", () => {
  const revert = (id: string, options = {}) =>
    ledger.send("POST", `${TRANSFERS}/${id}/revert`, { body: {}, ...options });

  test("moves the amount back once, and both know each other", async () => {
    const { source, destination, order } = await openPair(sql);
    const { body: made } = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "7" } });
    const back = await revert(made.id);
    expect(back).toMatchObject({ status: 201, body: { type: "revert", revertsTransferId: made.id } });
    expect((await ledger.send("GET", `${TRANSFERS}/${made.id}`)).body).toMatchObject({
      status: "rollback",
      revertedByTransferId: back.body.id,
    });
    expect(await revert(made.id)).toMatchObject({
      status: 409,
      body: { code: "transfer_already_reverted", revertedByTransferId: back.body.id },
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
    expect((await fundsOf(sql, destination.id)).balance).toBe(0n);
  });

  test("is refused where the money is gone, where nothing was moved, and for what is unknown", async () => {
    const { destination, order } = await openPair(sql);
    const { body: made } = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "7" } });
    const away = await openWallet(sql);
    const spend = { sourceAccountId: destination.id, destinationAccountId: away.id, amount: "1" };
    await ledger.send("POST", TRANSFERS, { body: spend });
    expect(await revert(made.id)).toMatchObject({
      status: 422,
      body: { code: "insufficient_funds", available: "6.00" },
    });
    const { body: failed } = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "70000" } });
    expect(await revert(failed.transferId)).toMatchObject({
      status: 409,
      body: { code: "transfer_not_complete" },
    });
    expect(await revert(randomUUID())).toMatchObject({ status: 404, body: { code: "transfer_not_found" } });
    expect(await revert("me")).toMatchObject({ status: 400, body: { code: "invalid_path" } });
  });

  test("is for operators", async () => {
    const { source, order } = await openPair(sql);
    const { body: made } = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "7" } });
    expect(await revert(made.id, { caller: source.caller })).toMatchObject({ status: 403 });
  });
});

describe("POST /v1/transfers/bulk", () => {
  const bulk = (body: unknown, options = {}) =>
    ledger.send("POST", `${TRANSFERS}/bulk`, { body, ...options });

  test("atomic: all are made, in order, or none, with each refusal by its place", async () => {
    const { source, destination, order } = await openPair(sql, "10");
    const item = (amount: string) => ({ ...order, amount });
    const all = await bulk({ transfers: [item("1"), item("2"), item("3")] });
    expect(all).toMatchObject({ status: 201, body: { posted: 3, refused: 0 } });
    expect(all.body.items.map((one) => one.transfer.amount)).toEqual(["1.00", "2.00", "3.00"]);
    const none = await bulk({ transfers: [item("1"), item("9"), item("1.001")] });
    expect(none).toMatchObject({
      status: 422,
      body: {
        code: "batch_refused",
        items: [
          { index: 1, status: 422, problem: { code: "insufficient_funds", available: "3.00" } },
          { index: 2, status: 422, problem: { code: "validation_failed" } },
        ],
      },
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(400n);
    expect((await fundsOf(sql, destination.id)).balance).toBe(600n);
  });

  test("continue: each by itself, and a money that an earlier one brought can be spent by a later one", async () => {
    const { source, destination, order } = await openPair(sql, "10");
    const back = { sourceAccountId: destination.id, destinationAccountId: source.id };
    const { status, body } = await bulk({
      mode: "continue",
      transfers: [
        { ...order, amount: "11" },
        { ...order, amount: "10" },
        { ...back, amount: "4" },
        { ...order, amount: "5" },
      ],
    });
    expect(status).toBe(200);
    expect(body.items.map(({ status: one }) => one)).toEqual([422, 201, 201, 422]);
    expect((await fundsOf(sql, source.id)).balance).toBe(400n);
  });

  test("the batch's key repeats the whole answer, an item's key its own", async () => {
    const { destination, order } = await openPair(sql, "10");
    const [key, itemKey] = [randomUUID(), randomUUID()];
    const transfers = [{ ...order, amount: "1", idempotencyKey: itemKey }];
    const first = await bulk({ transfers }, { key });
    const second = await bulk({ transfers }, { key });
    expect([second.status, second.text, second.headers.get("idempotency-hit")]).toEqual([
      201,
      first.text,
      "true",
    ]);
    const other = await bulk({ transfers: [...transfers, { ...order, amount: "2" }] });
    expect(other).toMatchObject({
      status: 201,
      body: { items: [{ transfer: { id: first.body.items[0]!.transfer.id } }, {}] },
    });
    expect((await fundsOf(sql, destination.id)).balance).toBe(300n);
  });

  test("a batch that has moved something is answered once, though another of its items is a conflict", async () => {
    const { destination, order } = await openPair(sql, "10");
    const known = { ...order, amount: "1", referenceId: randomUUID() };
    await ledger.send("POST", TRANSFERS, { body: known });
    const key = randomUUID();
    const body = {
      mode: "continue",
      transfers: [
        { ...order, amount: "2" },
        { ...known, amount: "3" },
      ],
    };
    const first = await bulk(body, { key });
    expect(first).toMatchObject({ status: 200, body: { items: [{ status: 201 }, { status: 409 }] } });
    const second = await bulk(body, { key });
    expect([second.text, second.headers.get("idempotency-hit")]).toEqual([first.text, "true"]);
    expect((await fundsOf(sql, destination.id)).balance).toBe(300n);
  });

  test.each(["atomic", "continue"])(
    "%s: a batch of which nothing was made, because an item is in hand elsewhere, may come again",
    async (mode) => {
      const { destination, order } = await openPair(sql, "10");
      const [key, referenceId] = [randomUUID(), randomUUID()];
      const again = () => bulk({ mode, transfers: [{ ...order, amount: "1", referenceId }] }, { key });
      const refused = await sql.begin(async (tx) => {
        await tx`select ledger_claim('platform', ${`reference transfer ${referenceId}`})`;
        return again();
      });
      expect(refused.body).toMatchObject(
        mode === "atomic" ? { code: "batch_refused", items: [{ status: 409 }] } : { posted: 0, refused: 1 },
      );
      expect(await again()).toMatchObject({ status: 201, body: { posted: 1 } });
      expect((await fundsOf(sql, destination.id)).balance).toBe(100n);
    },
  );

  test("too many, none, and items that share a key or a reference are refused by name", async () => {
    const { source, order } = await openPair(sql);
    const item = { ...order, amount: "1" };
    expect((await bulk({ transfers: Array.from({ length: 1_001 }, () => item) })).body.errors).toMatchObject([
      { pointer: "/transfers" },
    ]);
    expect((await bulk({ transfers: [] })).body.errors).toMatchObject([{ pointer: "/transfers" }]);
    expect((await bulk({ transfers: [item, { ...item, amount: "0" }] })).body.errors).toMatchObject([
      { pointer: "/transfers/1/amount" },
    ]);
    const twice = { ...item, referenceId: "r", idempotencyKey: "k" };
    expect((await bulk({ transfers: [twice, twice] })).body.errors).toMatchObject([
      { pointer: "/transfers/1/idempotencyKey" },
      { pointer: "/transfers/1/referenceId" },
    ]);
    const key = randomUUID();
    expect(
      (await bulk({ transfers: [{ ...item, idempotencyKey: key }] }, { key })).body.errors,
    ).toMatchObject([{ pointer: "/transfers/0/idempotencyKey" }]);
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
  });

  test("a thousand go in one", async () => {
    const { destination, order } = await openPair(sql, "10");
    const answer = await bulk({
      transfers: Array.from({ length: 1_000 }, () => ({ ...order, amount: "0.01" })),
    });
    expect(answer).toMatchObject({ status: 201, body: { posted: 1_000 } });
    expect((await fundsOf(sql, destination.id)).balance).toBe(1_000n);
  });

  test("a stranger moves nothing", async () => {
    const { source, order } = await openPair(sql);
    const stranger = await openWallet(sql);
    expect((await bulk({ transfers: [{ ...order, amount: "1" }] }, { caller: stranger.caller })).status).toBe(
      422,
    );
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
  });

  test("one person's batches go one after the other, and those of whom too many wait are told to come again", async () => {
    const { source, destination, order } = await openPair(sql, "20");
    const send = () => bulk({ transfers: [{ ...order, amount: "1" }] }, { caller: source.caller });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, body, headers } of refused) {
      expect(status).toBe(429);
      expect(body.code).toBe("rate_limited");
      expect(headers.get("retry-after")).toBe("1");
    }
    const moved = BigInt(answers.length - refused.length) * 100n;
    expect((await fundsOf(sql, destination.id)).balance).toBe(moved);
  });
});

describe("the sibling's routes", () => {
  const open = (body: unknown, options = {}) => ledger.send("POST", "/api/v1/accounts", { body, ...options });
  const pay = (body: unknown, options = {}) =>
    ledger.send("POST", "/api/v1/transactions", { body, ...options });
  const balanceOf = async (id: string) =>
    (await ledger.send("GET", `/api/v1/accounts/${encodeURIComponent(id)}`)).body.balance;

  test("accounts under the client's own ids, opened with a balance, pay each other", async () => {
    const ids = [randomUUID(), `shop/${randomUUID()}`] as const;
    expect(await open({ account_id: ids[0], initial_balance: 100.23 })).toMatchObject({
      status: 201,
      body: { account_id: ids[0], balance: "100.23" },
    });
    expect((await open({ account_id: ids[1], initial_balance: "0" })).status).toBe(201);
    const order = { source_account_id: ids[0], destination_account_id: ids[1], amount: "100.01" };
    const key = randomUUID();
    const paid = await pay(order, { key });
    expect(paid).toMatchObject({ status: 201, body: { ...order, status: "complete", currency: "USD" } });
    expect((await pay(order, { key })).text).toBe(paid.text);
    expect(await Promise.all(ids.map(balanceOf))).toEqual(["0.22", "100.01"]);
  });

  test("ids may be numbers, of any length", async () => {
    const [a, b] = ["12345678901234567890", "12345678901234567891"];
    for (const id of [a, b]) await open(undefined, { raw: `{"account_id":${id},"initial_balance":5}` });
    const raw = `{"source_account_id":${a},"destination_account_id":${b},"amount":1.5}`;
    expect((await pay(undefined, { raw })).body).toMatchObject({
      source_account_id: a,
      destination_account_id: b,
    });
    expect([await balanceOf(a), await balanceOf(b)]).toEqual(["3.50", "6.50"]);
  });

  test("refusals are told in the sibling's names", async () => {
    const id = randomUUID();
    await open({ account_id: id, initial_balance: "1" });
    const order = { source_account_id: id, destination_account_id: randomUUID(), amount: "1" };
    expect((await pay(order)).body).toMatchObject({
      code: "account_not_found",
      errors: [{ pointer: "/destination_account_id" }],
    });
    expect((await pay({ ...order, destination_account_id: id })).body.errors).toMatchObject([
      { pointer: "/destination_account_id" },
    ]);
    expect((await open({ account_id: randomUUID(), initial_balance: "1.001" })).body.errors).toMatchObject([
      { pointer: "/initial_balance" },
    ]);
    expect(await open({ account_id: id })).toMatchObject({ status: 409, body: { code: "account_exists" } });
    expect((await ledger.send("GET", `/api/v1/accounts/${randomUUID()}`)).status).toBe(404);
  });

  test("nobody has the account of a name before it is opened under it, nor one of the ledger's own names", async () => {
    const name = randomUUID();
    const squat = { currency: "USD", id: accountIdOf(name) };
    expect(await ledger.send("POST", "/v1/accounts", { body: squat, caller: person() })).toMatchObject({
      status: 403,
      body: { errors: [{ pointer: "/id" }] },
    });
    expect((await open({ account_id: name })).status).toBe(201);
    for (const account_id of ["house:funding:CHF", "settlement:CHF"])
      expect((await open({ account_id, currency: "CHF" })).body.errors).toMatchObject([
        { pointer: "/account_id" },
      ]);
    expect((await open({ account_id: randomUUID(), initial_balance: 7, currency: "CHF" })).status).toBe(201);
  });

  test("they are for operators", async () => {
    const caller = person();
    expect((await open({ account_id: "1" }, { caller })).status).toBe(403);
    expect(
      (await pay({ source_account_id: "1", destination_account_id: "2", amount: 1 }, { caller })).status,
    ).toBe(403);
    expect((await ledger.send("GET", "/api/v1/accounts/1", { caller })).status).toBe(403);
    expect(LEDGER_OPERATOR.kind).toBe("operator");
  });
});
