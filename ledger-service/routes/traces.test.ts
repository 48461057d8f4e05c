import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import { traceIdsOf } from "../../platform/observability/trace-ids.ts";
import { openHouse, openPair } from "../../tests/harness/ledger-service.ts";
import type { LedgerSendOptions } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { usePartners } from "../../tests/harness/use-partners.ts";
import { expireHolds, type Line, openLine } from "../../tests/ledger/credit-line.ts";
import { retryDue } from "../sql/post-transfers.ts";

const used = await useLedger();
const { sql, ledger } = used;

type Request = { requestId: string; traceId: string };

const newRequest = (): Request => ({ requestId: randomUUID(), traceId: randomUUID().replaceAll("-", "") });

const send = async (
  method: string,
  path: string,
  body: unknown,
  status: number,
  { headers, ...options }: LedgerSendOptions = {},
) => {
  const request = newRequest();
  const traced = {
    "x-request-id": request.requestId,
    traceparent: `00-${request.traceId}-00f067aa0ba902b7-01`,
    ...headers,
  };
  const answer = await ledger.send(method, path, { body, headers: traced, ...options });
  expect([path, answer.status]).toEqual([path, status]);
  return { ...answer, request };
};
const post = (path: string, body: unknown, status: number, options?: LedgerSendOptions) =>
  send("POST", path, body, status, options);

/** What was announced under a request's id: subjects in order, whether all of it has its trace, and of how many commits. */
const announced = async ({ requestId, traceId }: Request) => {
  const rows = await sql<{ subject: string; headers: Tracing; at: Date }[]>`
    select subject, headers, created_at as at from outbox
    where headers ->> 'x-request-id' = ${requestId} order by id`;
  for (const { headers } of rows) expect(traceIdsOf(headers)).toEqual({ requestId, traceId });
  return { subjects: rows.map(({ subject }) => subject), commits: rows.map(({ at }) => at.getTime()) };
};
const subjectsOf = async (request: Request) => (await announced(request)).subjects;

const purchase = (line: Line, more: object = {}) =>
  post("/v1/authorizations", { amount: "10", ...more }, 201, { caller: { kind: "user", id: line.owner } });
const settle = (line: Line, path: string, body: unknown, status: number) =>
  post(`/v1/authorizations/${path}`, body, status, { caller: { kind: "user", id: line.owner } });

test("of callers that are gathered into one commit each event carries its own caller's request", async () => {
  const pairs = [await openPair(sql), await openPair(sql), await openPair(sql)];
  const lines = [await openLine(sql), await openLine(sql), await openLine(sql)];
  const together = async (subjects: string[], all: Promise<{ request: Request }>[]) => {
    const told = [];
    for (const { request } of await Promise.all(all)) told.push(await announced(request));
    for (const each of told) expect(each.subjects).toEqual(subjects);
    expect(new Set(told.flatMap(({ commits }) => commits)).size).toBe(1);
  };
  await together(
    ["transaction.completed"],
    pairs.map(({ order }) => post("/v1/transfers", { ...order, amount: "1" }, 201)),
  );
  const [bought, regretted] = await Promise.all(
    [1, 2].map(() => Promise.all(lines.map((line) => purchase(line)))),
  );
  await together(
    ["authorization.approved"],
    lines.map((line) => purchase(line)),
  );
  await together(
    ["authorization.declined"],
    lines.map((line) => purchase(line, { amount: "999" })),
  );
  await together(
    ["transaction.completed", "authorization.captured"],
    bought!.map(({ body }, n) => settle(lines[n]!, `${body.id}/capture`, {}, 201)),
  );
  await together(
    ["authorization.voided"],
    regretted!.map(({ body }, n) => settle(lines[n]!, `${body.id}/void`, {}, 200)),
  );
});

test("a single operation's events carry its request, whatever it is", async () => {
  const { order } = await openPair(sql);
  const paid = await post("/v1/transfers", { ...order, amount: "1" }, 201);
  expect(await subjectsOf(paid.request)).toEqual(["transaction.completed"]);
  const reverted = await post(`/v1/transfers/${paid.body.id}/revert`, {}, 201);
  expect(await subjectsOf(reverted.request)).toEqual(["transaction.completed"]);
  const failed = await post("/v1/transfers", { ...order, amount: "999" }, 422);
  expect(await subjectsOf(failed.request)).toEqual(["transaction.failed"]);

  const opening = { openingBalance: "5", fundingAccountId: await openHouse(sql) };
  const opened = await post("/v1/accounts", { kind: "bank", currency: "USD", ...opening }, 201);
  expect(await subjectsOf(opened.request)).toEqual(["account.created", "transaction.completed"]);
  const line = { kind: "credit_line", currency: "SEK", ownerId: randomUUID(), creditLimit: "9" };
  expect(await subjectsOf((await post("/v1/accounts", line, 201)).request)).toEqual([
    "account.created",
    "account.created",
  ]);
  const sibling = { account_id: randomUUID(), initial_balance: 5, currency: "NOK" };
  expect(await subjectsOf((await post("/api/v1/accounts", sibling, 201)).request)).toEqual([
    "account.created",
    "account.created",
    "transaction.completed",
  ]);
  const frozen = await send("PATCH", `/v1/accounts/${opened.body.id}`, { status: "frozen" }, 200, {
    headers: { "if-match": "*" },
  });
  expect(await subjectsOf(frozen.request)).toEqual(["account.updated"]);
});

test("a batch's events carry the batch's request; sent again under another one it is the same batch", async () => {
  const { order } = await openPair(sql);
  const item = { ...order, amount: "1" };
  for (const mode of ["atomic", "continue"]) {
    const transfers = [
      { ...item, idempotencyKey: `${mode} 1` },
      { ...item, idempotencyKey: `${mode} 2` },
    ];
    const batch = await post("/v1/transfers/bulk", { mode, transfers }, 201);
    expect(await subjectsOf(batch.request)).toEqual(["transaction.completed", "transaction.completed"]);
    const again = await post("/v1/transfers/bulk", { mode, transfers }, 201);
    expect(again.body.items.map((each: { transfer: unknown }) => each.transfer)).toEqual(
      batch.body.items.map((each: { transfer: unknown }) => each.transfer),
    );
    expect(await subjectsOf(again.request)).toEqual([]);
  }
});

test("a group's captures and voids carry the request that settles the group", async () => {
  const line = await openLine(sql);
  const caller = { kind: "user", id: line.owner } as const;
  for (const [action, subjects] of [
    ["capture", ["transaction.completed", "authorization.captured"]],
    ["void", ["authorization.voided"]],
  ] as const) {
    const groupId = randomUUID();
    for (const amount of ["1", "2"]) await purchase(line, { amount, groupId });
    const settled = await post(`/v1/authorization-groups/${groupId}/${action}`, {}, 200, { caller });
    expect((await subjectsOf(settled.request)).toSorted()).toEqual([...subjects, ...subjects].toSorted());
  }
});

test("what waits is tried again under the request that ordered it, and called back under the one that does", async () => {
  const { source, destination, order } = await openPair(sql, "0");
  const wanted = { ...order, amount: "7", waitForFunds: true };
  const [first, second, third] = [
    await post("/v1/transfers", wanted, 202),
    await post("/v1/transfers", wanted, 202),
    await post("/v1/transfers", wanted, 202),
  ];
  const cancelled = await post(`/v1/transfers/${third.body.id}/cancel`, {}, 200);
  expect(await subjectsOf(cancelled.request)).toEqual(["transaction.failed"]);
  await used.move(await openHouse(sql), source.id, "7");
  await sql`
    update ledger_transfers set next_attempt_at = now() - interval '1 second',
      waits_from = case id when ${second.body.id} then now() - interval '2 days' else waits_from end
    where source_account_id = ${source.id} and destination_account_id = ${destination.id} and status = 'pending'`;
  expect(await retryDue(sql, 10, 24)).toBe(2);
  for (const [{ request }, end] of [
    [first, "transaction.completed"],
    [second, "transaction.failed"],
  ] as const)
    expect((await subjectsOf(request)).toSorted()).toEqual([end, "transaction.submitted"].toSorted());
  expect(await subjectsOf(third.request)).toEqual(["transaction.submitted"]);
});

test("a hold that nobody settles ends under the request that placed it", async () => {
  const line = await openLine(sql);
  const [held, alsoHeld] = [await purchase(line), await purchase(line)];
  await sql`
    update ledger_holds set placed_at = placed_at - interval '1 day', expires_at = now()
    where account_id = ${line.accountId}`;
  expect(await expireHolds(sql, 10)).toBe(2);
  for (const { request } of [held, alsoHeld])
    expect(await subjectsOf(request)).toEqual(["authorization.approved", "authorization.expired"]);
});

test("a saga shows the request that it began with; what an operator does to it carries the operator's", async () => {
  const partner = await usePartners(used).setUp();
  const body = { transaction_id: randomUUID(), user_id: partner.user, amount: 3 };
  const bought = await post("/authorize", body, 200, {
    caller: { kind: "anonymous" },
    headers: { "x-api-key": partner.key },
  });
  const id = bought.body.authorization_id as string;
  expect((await ledger.send("GET", `/v1/sagas/${id}`)).body).toMatchObject(bought.request);
  const listed = await ledger.send("GET", "/v1/sagas?state=running");
  expect(listed.body.items.find((item: { id: string }) => item.id === id)).toMatchObject(bought.request);
  const undone = await post(`/v1/sagas/${id}/compensate`, { reason: "ordered twice" }, 200);
  expect(await subjectsOf(undone.request)).toEqual(["authorization.compensating"]);
});
