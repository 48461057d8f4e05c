import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ledgerEvents } from "../../contracts/events/ledger-events.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import {
  type LedgerReplica,
  openHouse,
  openPair,
  openWallet,
  startLedger,
} from "../../tests/harness/ledger-service.ts";
import { authorizeOne, captureOne, expireHolds, openLine, voidOne } from "../../tests/ledger/credit-line.ts";
import { announcedByContract } from "../../tests/ledger/announced.ts";
import { retryDue } from "./post-transfers.ts";

let database: FreshDatabase;
let sql: FreshDatabase["sql"];
let ledger: LedgerReplica;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
  ledger = startLedger(sql);
});
afterAll(async () => {
  await ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

// The sagas' own are held to their contracts where sagas are run.
const OF_SAGAS = ["confirmed", "reversed", "stuck", "retried", "compensating", "resolved"];

test("every event is what its contract says, with no member more and none less", async () => {
  const send = async (path: string, body: object, status: number) => {
    const answer = await ledger.send("POST", path, { body });
    expect([path, answer.status]).toEqual([path, status]);
    return answer.body;
  };
  const { order } = await openPair(sql, "100");
  const paid = await send("/v1/transfers", { ...order, amount: "1", referenceId: "order-1" }, 201);
  await send(`/v1/transfers/${paid.id}/revert`, {}, 201);
  await send("/v1/transfers", { ...order, amount: "1000" }, 422);
  const transfers = ["1", "1000"].map((amount) => ({ ...order, amount, description: "one of two" }));
  await send("/v1/transfers/bulk", { mode: "continue", transfers }, 200);
  const waiting = await send("/v1/transfers", { ...order, amount: "1000", waitForFunds: true }, 202);
  await send(`/v1/transfers/${waiting.id}/cancel`, {}, 200);
  const late = await send("/v1/transfers", { ...order, amount: "1000", waitForFunds: true }, 202);
  await sql`update ledger_transfers set next_attempt_at = now(), waits_from = now() - interval '2 days' where id = ${late.id}`;
  await retryDue(sql, 10, 24);
  const [parts, wallet] = [await openHouse(sql, { subBalances: 4 }), await openWallet(sql)];
  const opening = { openingBalance: "5", fundingAccountId: parts };
  await send("/v1/accounts", { kind: "bank", currency: "USD", name: "Bank", ...opening }, 201);
  await send("/api/v1/accounts", { account_id: randomUUID(), initial_balance: 5 }, 201);

  const line = await openLine(sql);
  for (const change of [{ creditLimit: "90" }, { status: "open", reason: "looked at" }]) {
    const { headers } = await ledger.send("GET", `/v1/accounts/${line.accountId}`);
    const seen = { headers: { "if-match": headers.get("etag")! }, body: change };
    expect((await ledger.send("PATCH", `/v1/accounts/${line.accountId}`, seen)).status).toBe(200);
  }
  const { id } = (await authorizeOne(sql, line, { reference: "a", group: randomUUID() })).body;
  await captureOne(sql, line, id, { amount: "2" });
  await captureOne(sql, line, id, { amount: "2", reference: "part", scope: "platform", destination: parts });
  await captureOne(sql, line, id, { amount: "1", destination: wallet.id, scope: "platform", final: true });
  await voidOne(sql, line, (await authorizeOne(sql, line)).body.id);
  await authorizeOne(sql, line, { amount: "1", seconds: 1 });
  await sql`update ledger_holds set placed_at = placed_at - interval '1 day', expires_at = now() where status = 'open'`;
  expect(await expireHolds(sql, 10)).toBe(1);
  await authorizeOne(sql, line, { amount: "9999" });
  await authorizeOne(sql, { ...line, owner: randomUUID() });

  const { subjects, unlike } = await announcedByContract(sql);
  expect(unlike).toEqual([]);
  expect([...subjects].toSorted()).toEqual(
    Object.keys(ledgerEvents)
      .filter((subject) => !OF_SAGAS.includes(subject.split(".")[1]!))
      .toSorted(),
  );
});

test("a capture's event of before, with balances in minor units and a status of its own, is still read", () => {
  const [transferId, holdId, sourceAccountId, destinationAccountId, userId] = Array.from({ length: 5 }, () =>
    randomUUID(),
  );
  const transfer = { transferId, type: "capture", status: "complete", holdId, amount: "4.00" };
  const accounts = { sourceAccountId, destinationAccountId, currency: "USD" };
  const versions = { sourceVersion: 3, sourceSub: 0, destinationVersion: 9, destinationSub: 7 };
  const common = { currency: "USD", occurredAt: "2026-11-25T21:12:00.123456Z" };
  const posted = { ...transfer, ...accounts, ...versions, ...common };
  const old = { ...posted, sourceBalance: -400, destinationBalance: 1200, referenceId: null };
  expect(ledgerEvents["transaction.completed"].parse(old)).toEqual(posted);
  const captured = {
    authorizationId: holdId,
    userId,
    accountId: sourceAccountId,
    accountVersion: 3,
    transferId,
    capturedAmount: "4.00",
    releasedAmount: "0.00",
    status: "open",
    referenceId: null,
    groupId: null,
    ...common,
  };
  expect(ledgerEvents["authorization.captured"].parse(captured).status).toBe("approved");
});
