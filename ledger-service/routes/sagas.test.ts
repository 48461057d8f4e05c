import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { sagaEvent } from "../../contracts/events/saga-events.ts";
import { saga } from "../../contracts/http/sagas.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { LEDGER_OPERATOR } from "../../tests/harness/ledger-service.ts";
import { authorizeOne, brokenLedgerRules, openLine } from "../../tests/ledger/credit-line.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

const sagaIn = async (state: string, { pivoted = false } = {}): Promise<string> => {
  const { body } = await authorizeOne(sql, await openLine(sql), { automatic: true });
  const step = pivoted ? "confirm" : "post";
  await sql`update ledger_sagas set state = ${state}, step = ${step}, pivoted = ${pivoted} where id = ${body.id}::uuid`;
  return body.id as string;
};
const act = (id: string, action: string, body: unknown = { reason: "looked into it" }) =>
  ledger.send("POST", `/v1/sagas/${id}/${action}`, { body });

test("stuck sagas are listed and shown; sent on, they run again, and the reason is kept", async () => {
  const id = await sagaIn("stuck", { pivoted: true });
  const { body } = await ledger.send("GET", "/v1/sagas");
  expect(body.items.map((item: unknown) => saga.parse(item).id)).toContain(id);
  expect(await act(id, "retry")).toMatchObject({
    status: 200,
    body: { state: "running", step: "confirm", attempts: 0 },
  });
  expect((await act(id, "retry")).body.code).toBe("saga_not_stuck");
  const shown = await ledger.send("GET", `/v1/sagas/${id}`);
  expect(shown.body.actions).toMatchObject([
    {
      action: "retry",
      actor: (LEDGER_OPERATOR as { id: string }).id,
      reason: "looked into it",
      stateBefore: "stuck",
    },
  ]);
});

test("a saga is compensated before its pivot and not beyond; a stuck one is resolved", async () => {
  const [early, late] = [await sagaIn("running"), await sagaIn("stuck", { pivoted: true })];
  expect((await act(early, "compensate")).body).toMatchObject({ state: "compensating", step: "reserve" });
  expect(await act(late, "compensate")).toMatchObject({ status: 409, body: { code: "saga_past_pivot" } });
  expect((await act(late, "resolve")).body).toMatchObject({ state: "resolved" });
  expect((await act(early, "resolve")).body.code).toBe("saga_not_stuck");
});

test("what an operator does to a saga is announced once, with the reason; a refusal is not", async () => {
  const [retried, compensated, resolved] = [
    await sagaIn("stuck", { pivoted: true }),
    await sagaIn("running"),
    await sagaIn("stuck"),
  ];
  await act(retried, "retry", { reason: "the cause is mended" });
  await act(retried, "compensate");
  await act(compensated, "compensate", { reason: "it was ordered twice" });
  await act(resolved, "resolve", { reason: "paid back by hand" });
  await act(resolved, "resolve");
  expect(await announced(retried)).toEqual([
    { event: "authorization.retried", step: "confirm", reason: "the cause is mended" },
  ]);
  expect(await announced(compensated)).toEqual([
    { event: "authorization.compensating", step: "post", reason: "it was ordered twice" },
  ]);
  expect(await announced(resolved)).toEqual([
    { event: "authorization.resolved", step: "post", reason: "paid back by hand" },
  ]);
  expect(await brokenLedgerRules(sql)).toEqual([]);
});

const announced = async (id: string) => {
  const rows = await sql<{ subject: string; payload: unknown }[]>`
    select subject, payload from outbox
    where payload ->> 'authorizationId' = ${id} and subject <> 'authorization.approved' order by id`;
  return rows.map(({ subject, payload }) => {
    const { authorizationId, amount, currency, step, reason } = sagaEvent.parse(payload);
    expect({ authorizationId, amount, currency }).toEqual({
      authorizationId: id,
      amount: "10.00",
      currency: "USD",
    });
    return { event: subject, step, reason };
  });
};

test("a reason is needed, an unknown saga is 404, and people have no business here", async () => {
  const id = await sagaIn("stuck", { pivoted: true });
  for (const body of [{}, { reason: "" }, { reason: " " }, { reason: "x".repeat(501) }, { reason: "a\0b" }])
    expect(await act(id, "resolve", body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/reason" }] },
    });
  expect((await act(randomUUID(), "retry")).status).toBe(404);
  expect((await ledger.send("GET", "/v1/sagas?state=lost")).status).toBe(400);
  const caller: Caller = { kind: "user", id: randomUUID() };
  for (const [method, path, body] of [
    ["GET", "/v1/sagas", undefined],
    ["GET", `/v1/sagas/${id}`, undefined],
    ["POST", `/v1/sagas/${id}/retry`, { reason: "x" }],
  ] as const)
    expect((await ledger.send(method, path, { caller, body })).status).toBe(403);
  expect((await ledger.send("GET", `/v1/sagas/${id}`)).body.state).toBe("stuck");
});
