import { expect, test } from "vitest";
import { reconciliation, reconciliationItem } from "../../contracts/http/ledger-reconciliations.ts";
import { uuidv7 } from "uuidv7";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { pastTimeOf } from "../../tests/harness/past-time-of.ts";
import { postTransfers } from "../sql/post-transfers.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

// The day on which the tests began, whatever day it becomes meanwhile.
const TODAY = Date.now();
const day = (shift: number): string =>
  new Date(TODAY + shift * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10);

/** A house account that was paid by others: amount, reference, days ago. */
const paidAccount = async (payments: readonly [amount: string, reference: string, daysAgo: number][]) => {
  const [id, source] = [await openHouse(sql), await openHouse(sql)];
  const orders = payments.map(([amount, reference, daysAgo]) => ({
    id: uuidv7(),
    source,
    destination: id,
    amount,
    type: "deposit",
    scope: "platform",
    reference: `${id}-${reference}`,
    requestId: "",
    instance: "",
    effectiveAt: `${day(-daysAgo)}T12:00:00Z`,
  }));
  const answers = await postTransfers(sql, orders);
  expect(answers.map(({ status }) => status)).toEqual(payments.map(() => 201));
  return { id, transfers: orders.map((order) => order.id) };
};

const upload = (id: string, lines: readonly string[], query = "", options = {}) =>
  ledger.send("POST", `/v1/accounts/${id}/reconciliations${query}`, {
    raw: ["date,amount,reference", ...lines].join("\n"),
    headers: { "content-type": "text/csv" },
    ...options,
  });

test("a statement is compared, what was found is kept, and the exceptions are listed", async () => {
  const { id, transfers } = await paidAccount([
    ["10", "a", 5],
    ["20", "b", 4],
    ["30", "c", 3],
    ["40", "d", 2],
  ]);
  const lines = [
    `${day(-5)},10.00,${id}-a`,
    `${day(-3)},20,`,
    `${day(-3)},31.00,${id}-c`,
    `${day(-2)},99.99,unknown`,
  ];
  const { status, body } = await upload(id, lines);
  expect(status).toBe(201);
  expect(reconciliation.parse(body)).toMatchObject({
    accountId: id,
    from: day(-5),
    to: day(-2),
    toleranceDays: 3,
    lines: 4,
    matched: 2,
    exceptions: 3,
  });
  const path = `/v1/accounts/${id}/reconciliations/${body.id}`;
  expect((await ledger.send("GET", path)).body).toEqual(body);
  const { body: exceptions } = await ledger.send("GET", `${path}/items`);
  expect(exceptions.items.map((item: unknown) => reconciliationItem.parse(item))).toEqual([
    {
      outcome: "amount_differs",
      line: { number: 4, date: day(-3), amount: "31.00", reference: `${id}-c` },
      entry: { transferId: transfers[2], date: day(-3), amount: "30.00" },
    },
    {
      outcome: "not_in_ledger",
      line: { number: 5, date: day(-2), amount: "99.99", reference: "unknown" },
      entry: null,
    },
    {
      outcome: "not_in_statement",
      line: null,
      entry: { transferId: transfers[3], date: day(-2), amount: "40.00" },
    },
  ]);
  const { body: first } = await ledger.send("GET", `${path}/items?show=all&limit=2`);
  const { body: rest } = await ledger.send(
    "GET",
    `${path}/items?show=all&limit=10&cursor=${first.nextCursor}`,
  );
  expect([...first.items, ...rest.items].map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    "matched_by_reference",
    "matched_by_amount_and_date",
    "amount_differs",
    "not_in_ledger",
    "not_in_statement",
  ]);
  expect(rest.nextCursor).toBeNull();
});

test("entries beyond the statement's days are not missing from it; days that are asked for are compared whole", async () => {
  const { id } = await paidAccount([
    ["10", "a", 5],
    ["20", "b", 1],
  ]);
  const lines = [`${day(-5)},10,`];
  const first = await upload(id, lines);
  expect(first.body).toMatchObject({ matched: 1, exceptions: 0 });
  await pastTimeOf(first.body.id);
  const query = `?from=${day(-6)}&to=${day(0)}`;
  expect((await upload(id, lines, query)).body).toMatchObject({ from: day(-6), matched: 1, exceptions: 1 });
  const { body } = await ledger.send("GET", `/v1/accounts/${id}/reconciliations?limit=1`);
  expect(body).toMatchObject({ items: [{ exceptions: 1 }], nextCursor: expect.any(String) });
  const older = await ledger.send("GET", `/v1/accounts/${id}/reconciliations?cursor=${body.nextCursor}`);
  expect(older.body).toMatchObject({ items: [{ exceptions: 0 }], nextCursor: null });
});

test("a line matches the transfer that it names, however long ago that was, and no other old one", async () => {
  const { id, transfers } = await paidAccount([
    ["10", "a", 60],
    ["20", "b", 50],
    ["30", "c", 40],
  ]);
  const lines = [`${day(0)},10,${id}-a`, `${day(0)},20,${transfers[1]}`, `${day(0)},30,`];
  const { body } = await upload(id, lines);
  expect(body).toMatchObject({ from: day(0), to: day(0), matched: 2, exceptions: 1 });
});

test("the first and the last day there is are compared, whatever the tolerance", async () => {
  const { id } = await paidAccount([]);
  const { body } = await upload(id, ["0001-01-01,1,", "9999-12-31,2,"], "?toleranceDays=31");
  expect(body).toMatchObject({ from: "0001-01-01", to: "9999-12-31", matched: 0, exceptions: 2 });
});

test("the same key compares once and gives the same bytes; with another statement it is refused", async () => {
  const { id } = await paidAccount([["10", "a", 1]]);
  const lines = [`${day(-1)},10,`];
  const first = await upload(id, lines, "", { key: "statement-1" });
  const second = await upload(id, lines, "", { key: "statement-1" });
  expect(second.text).toBe(first.text);
  expect(second.headers.get("idempotency-hit")).toBe("true");
  const other = await upload(id, [`${day(-1)},11,`], "", { key: "statement-1" });
  expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  const { body } = await ledger.send("GET", `/v1/accounts/${id}/reconciliations`);
  expect(body.items).toHaveLength(1);
});

test("what is wrong is named by line and column, and nothing is kept", async () => {
  const { id } = await paidAccount([]);
  const wrong = await upload(id, ["2026-13-01,10,", "2026-11-01,10.001,"]);
  expect(wrong.status).toBe(422);
  expect(wrong.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    "/2/date",
    "/3/amount",
  ]);
  const outside = await upload(id, [`${day(-9)},10,`], `?from=${day(-5)}`);
  expect(outside).toMatchObject({ status: 422, body: { errors: [{ pointer: "/2/date" }] } });
  expect((await upload(id, [`${day(0)},1,`], "", { key: null })).body.code).toBe("idempotency_key_missing");
  const json = await ledger.send("POST", `/v1/accounts/${id}/reconciliations`, { body: {} });
  expect(json.status).toBe(415);
  expect(await upload(id, [`${day(0)},1,`], "?toleranceDays=32")).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/toleranceDays", detail: "must be at most 31" }] },
  });
  for (const query of ["?toleranceDays=", "?toleranceDays=1e1", "?from=0000-01-01"])
    expect((await upload(id, [`${day(0)},1,`], query)).status).toBe(400);
  const latin1 = await upload(id, [], "", { raw: Buffer.from(`date,amount\n${day(0)},1,\xe9`, "latin1") });
  expect(latin1).toMatchObject({ status: 400, body: { detail: "The statement is not in UTF-8" } });
  expect(await upload(id, [`${day(-1)},1,`], `?from=${day(0)}&to=${day(-1)}`)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/to" }] },
  });
  expect((await upload(uuidv7(), [`${day(0)},1,`])).body.code).toBe("account_not_found");
  const { body } = await ledger.send("GET", `/v1/accounts/${id}/reconciliations`);
  expect(body.items).toEqual([]);
});

test("people have no business here, not even on their own account", async () => {
  const { id, caller } = await openWallet(sql);
  expect((await upload(id, [`${day(0)},1,`], "", { caller })).status).toBe(403);
  for (const path of ["", `/${uuidv7()}`, `/${uuidv7()}/items`])
    expect((await ledger.send("GET", `/v1/accounts/${id}/reconciliations${path}`, { caller })).status).toBe(
      403,
    );
  expect((await ledger.send("GET", `/v1/accounts/${id}/reconciliations/${uuidv7()}`)).status).toBe(404);
});
