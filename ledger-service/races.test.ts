import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type FreshDatabase } from "../tests/harness/database.ts";
import {
  findFaults,
  fundsOf,
  type LedgerReplica,
  openHouse,
  openWallet,
  startLedger,
} from "../tests/harness/ledger-service.ts";

// Three replicas, so that callers meet in the database and not only in one process.
let database: FreshDatabase;
let replicas: LedgerReplica[];
let sql: FreshDatabase["sql"];
beforeAll(async () => {
  database = await freshDatabase({ max: 30 });
  sql = database.sql;
  replicas = [startLedger(sql), startLedger(sql), startLedger(sql)];
});
afterAll(async () => {
  expect(await findFaults(sql)).toEqual([]);
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const CALLERS = 60;
type Send = LedgerReplica["send"];
const race = async (call: (send: Send, n: number) => ReturnType<Send>) => {
  const answers = await Promise.all(
    Array.from({ length: CALLERS }, (_, n) => call(replicas[n % 3]!.send, n)),
  );
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  return answers;
};
const counts = (answers: { status: number }[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, some]) => [status, some.length]),
  );

test("the same key and body at once: money moves once, and whoever is answered 201 gets the same bytes", async () => {
  const source = await openWallet(sql, { balance: "100" });
  const destination = await openWallet(sql);
  const body = { sourceAccountId: source.id, destinationAccountId: destination.id, amount: "1" };
  const key = randomUUID();
  const answers = await race((send) => send("POST", "/v1/transfers", { key, body }));
  const made = answers.filter(({ status }) => status === 201);
  expect(new Set(made.map(({ text }) => text)).size).toBe(1);
  expect(made.filter(({ headers }) => headers.get("idempotency-hit") === null)).toHaveLength(1);
  expect(
    answers
      .filter(({ status }) => status !== 201)
      .every(({ body: { code } }) => code === "request_in_progress"),
  ).toBe(true);
  expect((await fundsOf(sql, destination.id)).balance).toBe(100n);
});

test("the same key with sixty bodies: one is done, and the others do nothing", async () => {
  const source = await openWallet(sql, { balance: "100" });
  const destination = await openWallet(sql);
  const key = randomUUID();
  const answers = await race((send, n) =>
    send("POST", "/v1/transfers", {
      key,
      body: {
        sourceAccountId: source.id,
        destinationAccountId: destination.id,
        amount: `1.${String(n).padStart(2, "0")}`,
      },
    }),
  );
  const [winner, ...others] = answers.filter(({ status }) => status === 201);
  expect(others).toEqual([]);
  expect(winner!.body.amount).toBe(
    String((await fundsOf(sql, destination.id)).balance).replace(/(\d\d)$/, ".$1"),
  );
});

test("the same reference under sixty keys counts once", async () => {
  const source = await openWallet(sql, { balance: "100" });
  const destination = await openWallet(sql);
  const body = {
    sourceAccountId: source.id,
    destinationAccountId: destination.id,
    amount: "1",
    referenceId: randomUUID(),
  };
  const answers = await race((send) => send("POST", "/v1/transfers", { body }));
  expect(counts(answers)[201]).toBe(1);
  expect((await fundsOf(sql, destination.id)).balance).toBe(100n);
});

test("the last unit is spent once", async () => {
  const source = await openWallet(sql, { balance: "1" });
  const destination = await openWallet(sql);
  const body = { sourceAccountId: source.id, destinationAccountId: destination.id, amount: "1" };
  const answers = await race((send) => send("POST", "/v1/transfers", { body }));
  expect(counts(answers)).toEqual({ 201: 1, 422: CALLERS - 1 });
  expect((await fundsOf(sql, source.id)).balance).toBe(0n);
});

const openFull = async () => (await openWallet(sql, { balance: "100" })).id;
const openInParts = () => openHouse(sql, { subBalances: 16 });

test.each([
  ["between wallets", openFull],
  ["between accounts in parts", openInParts],
])("a transfer %s is reverted once, whoever else tries", async (_, open) => {
  const [source, destination] = [await open(), await open()];
  const { balance } = await fundsOf(sql, source);
  const order = { sourceAccountId: source, destinationAccountId: destination, amount: "1" };
  const { body } = await replicas[0]!.send("POST", "/v1/transfers", { body: order });
  const answers = await race((send) => send("POST", `/v1/transfers/${body.id}/revert`, { body: {} }));
  expect(counts(answers)).toEqual({ 201: 1, 409: CALLERS - 1 });
  expect((await fundsOf(sql, source)).balance).toBe(balance);
});

test("a limit that is lowered meanwhile: what was granted fits under one of the two limits, and nothing breaks", async () => {
  const shop = await openHouse(sql, { subBalances: 4 });
  const { body: line } = await replicas[0]!.send("POST", "/v1/accounts", {
    body: { kind: "credit_line", currency: "USD", creditLimit: "50", ownerId: randomUUID() },
  });
  const answers = await race(async (send, n) => {
    if (n !== 30)
      return send("POST", "/v1/transfers", {
        body: { sourceAccountId: line.id, destinationAccountId: shop, amount: "1" },
      });
    for (;;) {
      const { headers } = await send("GET", `/v1/accounts/${line.id}`);
      const changed = await send("PATCH", `/v1/accounts/${line.id}`, {
        body: { creditLimit: "20" },
        headers: { "if-match": headers.get("etag")! },
      });
      if (changed.status !== 412) return changed;
    }
  });
  expect(answers[30]!.status).toBe(200);
  const spent = -(await fundsOf(sql, line.id)).balance;
  expect(spent).toBe(100n * BigInt(counts(answers)[201]!));
  expect(spent >= 2_000n && spent <= 5_000n).toBe(true);
});

test("transfers between the same accounts in all directions never deadlock, and the money is all there", async () => {
  const wallets = await Promise.all(Array.from({ length: 5 }, () => openWallet(sql, { balance: "100" })));
  const house = await openHouse(sql, { subBalances: 4 });
  const answers = await race(async (send, n) => {
    const pick = (k: number) => [...wallets.map(({ id }) => id), house][k % 6]!;
    const transfers = Array.from({ length: 20 }, (_, k) => ({
      sourceAccountId: pick(n + k),
      destinationAccountId: pick(n + k + 1 + (k % 5)),
      amount: "0.01",
    }));
    return n % 2 === 0
      ? send("POST", "/v1/transfers/bulk", { body: { mode: "continue", transfers } })
      : send("POST", "/v1/transfers", { body: transfers[0] });
  });
  expect(Object.keys(counts(answers))).toEqual(["201"]);
  const funds = await Promise.all([...wallets.map(({ id }) => id), house].map((id) => fundsOf(sql, id)));
  expect(funds.reduce((sum, { balance }) => sum + balance, 0n)).toBe(50_000n);
});
