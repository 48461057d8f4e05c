import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { transfer, transferToBe } from "../../contracts/http/ledger-transfers.ts";
import { problem } from "../../contracts/http/problem.ts";
import { fundsOf, openHouse, openPair, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

const TRANSFERS = "/v1/transfers";
const dryAnswer = transferToBe.strict();
const announced = async (transferId: string): Promise<string[]> => {
  const rows = await sql<{ subject: string }[]>`
    select subject from outbox where payload ->> 'transferId' = ${transferId} order by id`;
  return rows.map(({ subject }) => subject);
};

describe("POST /v1/transfers", () => {
  test("moves money between two accounts, writes two entries and one event, and answers as the contract says", async () => {
    const { source, destination, order } = await openPair(sql);
    const { status, body } = await ledger.send("POST", TRANSFERS, {
      caller: source.caller,
      body: { ...order, amount: "12.50", description: 'a "quoted" one', type: "payment" },
    });
    expect(status).toBe(201);
    expect(transfer.strict().parse(body)).toMatchObject({
      status: "complete",
      amount: "12.50",
      currency: "USD",
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(8_750n);
    expect((await fundsOf(sql, destination.id)).balance).toBe(1_250n);
    expect(await announced(body.id)).toEqual(["transaction.completed"]);
    expect((await ledger.send("GET", `${TRANSFERS}/${body.id}`)).body).toEqual(body);
  });

  test("a number is read by its digits: what a float cannot hold is moved to the cent", async () => {
    const { source, destination, order } = await openPair(sql, "999999999999999.99");
    const raw = `{"sourceAccountId":"${order.sourceAccountId}","destinationAccountId":"${order.destinationAccountId}","amount":900719925474099.37}`;
    expect((await ledger.send("POST", TRANSFERS, { raw, caller: source.caller })).status).toBe(201);
    expect((await fundsOf(sql, destination.id)).balance).toBe(90_071_992_547_409_937n);
  });

  test("the same key with the same body moves once, and the second answer is the first one's bytes", async () => {
    const { destination, order } = await openPair(sql);
    const key = randomUUID();
    const body = { ...order, amount: "1" };
    const first = await ledger.send("POST", TRANSFERS, { key, body });
    const second = await ledger.send("POST", TRANSFERS, { key, body });
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect([first, second].map(({ headers }) => headers.get("idempotency-hit"))).toEqual([null, "true"]);
    expect((await fundsOf(sql, destination.id)).balance).toBe(100n);
  });

  test("a refusal is repeated by its bytes too, also when the money is there by now", async () => {
    const { source, order } = await openPair(sql, "0");
    const key = randomUUID();
    const body = { ...order, amount: "1" };
    const first = await ledger.send("POST", TRANSFERS, { key, body });
    const house = await openHouse(sql);
    const top = { sourceAccountId: house, destinationAccountId: source.id, amount: "5" };
    expect((await ledger.send("POST", TRANSFERS, { body: top })).status).toBe(201);
    const second = await ledger.send("POST", TRANSFERS, { key, body });
    expect([second.status, second.text]).toEqual([422, first.text]);
  });

  test("the same key with another body, path or caller's scope: 422 for the same caller, nothing for another", async () => {
    const { source, order } = await openPair(sql);
    const key = randomUUID();
    const body = { ...order, amount: "1" };
    await ledger.send("POST", TRANSFERS, { key, body });
    const other = await ledger.send("POST", TRANSFERS, { key, body: { ...body, amount: "2" } });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    const path = await ledger.send("POST", "/v1/transfers/bulk", { key, body: { transfers: [body] } });
    expect(path).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    const stranger = await ledger.send("POST", TRANSFERS, { key, body, caller: source.caller });
    expect(stranger.status).toBe(201);
  });

  test("a key is required", async () => {
    const { order } = await openPair(sql);
    const answer = await ledger.send("POST", TRANSFERS, { key: null, body: { ...order, amount: "1" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "idempotency_key_missing" } });
  });

  test("a key of more than 255 characters is 400 and named; one of 255 counts", async () => {
    const { source, order } = await openPair(sql);
    const send = (key: string) => ledger.send("POST", TRANSFERS, { key, body: { ...order, amount: "1" } });
    expect(await send("k".repeat(256))).toMatchObject({
      status: 400,
      body: { code: "invalid_header", errors: [{ pointer: "/idempotency-key" }] },
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
    const key = `${randomUUID()}${"k".repeat(219)}`;
    expect([(await send(key)).status, (await send(key)).headers.get("idempotency-hit")]).toEqual([
      201,
      "true",
    ]);
  });

  test("a compressed body is 415, and is told so", async () => {
    const { order } = await openPair(sql);
    const headers = { "content-encoding": "gzip" };
    const answer = await ledger.send("POST", TRANSFERS, { headers, body: { ...order, amount: "1" } });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
    expect(answer.headers.get("accept-encoding")).toBe("identity");
  });

  test("users do not choose from when their transfers count, operators do", async () => {
    const { source, order } = await openPair(sql);
    const body = { ...order, amount: "1", effectiveAt: "2026-01-15T12:00:00Z" };
    const { caller } = source;
    expect(await ledger.send("POST", TRANSFERS, { caller, body })).toMatchObject({
      status: 403,
      body: { errors: [{ pointer: "/effectiveAt" }] },
    });
    const bulk = { transfers: [{ ...order, amount: "1" }, body] };
    expect(await ledger.send("POST", `${TRANSFERS}/bulk`, { caller, body: bulk })).toMatchObject({
      status: 403,
      body: { errors: [{ pointer: "/transfers/1/effectiveAt" }] },
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
    expect((await ledger.send("POST", TRANSFERS, { body })).status).toBe(201);
  });

  test("a reference counts once for ever: the same transfer again is told, another one is refused", async () => {
    const { destination, order } = await openPair(sql);
    const body = { ...order, amount: "1", referenceId: randomUUID() };
    const first = await ledger.send("POST", TRANSFERS, { body });
    const again = await ledger.send("POST", TRANSFERS, { body });
    expect([again.status, again.text]).toEqual([200, first.text]);
    const other = await ledger.send("POST", TRANSFERS, { body: { ...body, amount: "2" } });
    expect(other).toMatchObject({
      status: 409,
      body: { code: "reference_reused", errors: [{ pointer: "/referenceId" }] },
    });
    expect((await ledger.send("POST", TRANSFERS, { body: { ...body, type: "fee" } })).status).toBe(201);
    expect((await fundsOf(sql, destination.id)).balance).toBe(200n);
  });

  test("too little is 422 with what is available, kept as a failed transfer with its event; the reference stays free", async () => {
    const { source, destination, order } = await openPair(sql, "3");
    const body = { ...order, amount: "3.01", referenceId: randomUUID() };
    const refused = await ledger.send("POST", TRANSFERS, { body });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "insufficient_funds", available: "3.00", currency: "USD" },
    });
    expect(problem.loose().parse(refused.body)).toBeTruthy();
    const { body: kept } = await ledger.send("GET", `${TRANSFERS}/${refused.body.transferId}`);
    expect(kept).toMatchObject({ status: "failed", failureReason: "insufficient_funds" });
    expect(await announced(kept.id)).toEqual(["transaction.failed"]);
    expect((await fundsOf(sql, destination.id)).balance).toBe(0n);
    expect((await ledger.send("POST", TRANSFERS, { body: { ...body, amount: "3" } })).status).toBe(201);
    expect((await fundsOf(sql, source.id)).balance).toBe(0n);
  });

  const bad: [string, Record<string, unknown>, string][] = [
    ["an amount of 0", { amount: "0.00" }, "/amount"],
    ["a negative amount", { amount: -1 }, "/amount"],
    ["an exponent", { amount: "1e3" }, "/amount"],
    ["more places than the currency has", { amount: "1.001" }, "/amount"],
    ["more digits than there are", { amount: "1000000000000000" }, "/amount"],
    ["no amount", { amount: undefined }, "/amount"],
    ["an id that is none", { sourceAccountId: "me" }, "/sourceAccountId"],
    ["a type of the ledger's own", { type: "opening" }, "/type"],
    ["a reference with a control character", { referenceId: "a\u0000b" }, "/referenceId"],
    ["a field that nobody knows", { extra: 1 }, "/extra"],
  ];
  test.each(bad)("%s is 422 and names the field, and nothing is changed", async (_what, change, pointer) => {
    const { source, order } = await openPair(sql);
    const answer = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "1", ...change } });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
  });

  test("one account on both sides, other currencies and unknown accounts are refused by name", async () => {
    const { order, source } = await openPair(sql);
    const refuse = async (change: Record<string, unknown>) =>
      (await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "1", ...change } })).body;
    expect(await refuse({ destinationAccountId: source.id })).toMatchObject({
      errors: [{ pointer: "/destinationAccountId" }],
    });
    const yen = await openWallet(sql, { currency: "JPY", exponent: 0 });
    expect(await refuse({ destinationAccountId: yen.id })).toMatchObject({ code: "currency_mismatch" });
    expect(await refuse({ currency: "EUR" })).toMatchObject({
      code: "currency_mismatch",
      errors: [{ pointer: "/currency" }],
    });
    expect(await refuse({ sourceAccountId: randomUUID() })).toMatchObject({
      code: "account_not_found",
      errors: [{ pointer: "/sourceAccountId", detail: "is not an account" }],
    });
    expect(await refuse({ destinationAccountId: randomUUID() })).toMatchObject({
      code: "account_not_found",
      errors: [{ pointer: "/destinationAccountId" }],
    });
  });

  test("a stranger moves nothing: another's wallet does not exist, the house is closed, backends are refused", async () => {
    const { source, order } = await openPair(sql);
    const stranger = await openWallet(sql, { balance: "5" });
    const house = await openHouse(sql);
    const send = (
      caller: typeof stranger.caller | { kind: "internal" },
      change: Record<string, unknown> = {},
    ) => ledger.send("POST", TRANSFERS, { caller, body: { ...order, amount: "1", ...change } });
    expect(await send(stranger.caller)).toMatchObject({ status: 404, body: { code: "account_not_found" } });
    expect(await send(stranger.caller, { sourceAccountId: house })).toMatchObject({ status: 404 });
    const told = async (sourceAccountId: string) => {
      const { requestId: _, ...problem } = (await send(stranger.caller, { sourceAccountId })).body;
      return problem;
    };
    // Nothing tells an account that is somebody else's from one that is not there.
    expect(await told(source.id)).toEqual(await told(randomUUID()));
    expect(await told(source.id)).toMatchObject({ errors: [{ detail: "is not an account of yours" }] });
    const toHouse = { sourceAccountId: stranger.id, destinationAccountId: house };
    expect(await send(stranger.caller, toHouse)).toMatchObject({ status: 404 });
    expect(await send({ kind: "internal" })).toMatchObject({ status: 403 });
    expect((await fundsOf(sql, source.id)).balance).toBe(10_000n);
    expect((await fundsOf(sql, stranger.id)).balance).toBe(500n);
  });

  test("into a bank account in parts a user pays where it is theirs", async () => {
    const { source, order } = await openPair(sql);
    const bankOf = async (ownerId: string): Promise<string> => {
      const body = { kind: "bank", currency: "USD", ownerId, subBalances: 3 };
      return (await ledger.send("POST", "/v1/accounts", { body })).body.id;
    };
    const [own, others] = [await bankOf(source.owner), await bankOf(randomUUID())];
    const pay = (destinationAccountId: string) =>
      ledger.send("POST", TRANSFERS, {
        caller: source.caller,
        body: { ...order, destinationAccountId, amount: "1" },
      });
    expect(await pay(others)).toMatchObject({ status: 404, body: { code: "account_not_found" } });
    expect((await pay(own)).status).toBe(201);
    expect((await fundsOf(sql, own)).balance).toBe(100n);
    expect((await fundsOf(sql, others)).balance).toBe(0n);
  });
});

describe("a dry run", () => {
  const dry = (body: object) => ledger.send("POST", `${TRANSFERS}/dry-run`, { key: null, body });

  test("says what a transfer would be answered, and keeps nothing", async () => {
    const { source, order } = await openPair(sql, "3");
    const wouldBe = await dry({ ...order, amount: "3" });
    expect(wouldBe.status).toBe(200);
    expect(dryAnswer.parse(wouldBe.body)).toMatchObject({ status: "complete", amount: "3.00", dryRun: true });
    expect(wouldBe.body).not.toHaveProperty("id");
    const real = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "4" } });
    const { transferId: _, requestId: _id, instance: _path, ...error } = real.body;
    const refused = await dry({ ...order, amount: "4" });
    expect(refused).toMatchObject({ status: 422, body: error });
    expect(Object.keys(refused.body).toSorted()).toEqual(
      [...Object.keys(error), "instance", "requestId"].toSorted(),
    );
    expect((await fundsOf(sql, source.id)).balance).toBe(300n);
    const [rows] =
      await sql`select count(*)::int as n from ledger_transfers where source_account_id = ${source.id}`;
    expect(rows!["n"]).toBe(1);
  });

  test("of what would wait says so, and of what was made before, under the same reference, which it is", async () => {
    const { order } = await openPair(sql, "3");
    const waits = await dry({ ...order, amount: "4", waitForFunds: true });
    expect(dryAnswer.parse(waits.body)).toMatchObject({ status: "pending", dryRun: true });
    const body = { ...order, amount: "3", referenceId: randomUUID() };
    const { body: made } = await ledger.send("POST", TRANSFERS, { body });
    const again = await dry(body);
    expect(again.headers.get("idempotency-hit")).toBe(null);
    expect(dryAnswer.parse(again.body)).toEqual({ ...made, dryRun: true });
  });
});
