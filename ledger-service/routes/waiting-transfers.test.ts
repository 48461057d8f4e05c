import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { transfer } from "../../contracts/http/ledger-transfers.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import {
  fundsOf,
  type LedgerReplica,
  openHouse,
  openPair,
  startLedger,
} from "../../tests/harness/ledger-service.ts";
import { until } from "../../tests/harness/until.ts";
import { retryDue } from "../sql/post-transfers.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

const TRANSFERS = "/v1/transfers";
const announced = async (transferId: string): Promise<string[]> => {
  const rows = await sql<{ subject: string }[]>`
    select subject from outbox where payload ->> 'transferId' = ${transferId} order by id`;
  return rows.map(({ subject }) => subject);
};
const show = async (id: string) => (await ledger.send("GET", `${TRANSFERS}/${id}`)).body;
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
/** Tries it now, as if its time had come. */
const tryNow = async (id: string): Promise<void> => {
  await sql`update ledger_transfers set next_attempt_at = now() where id = ${id}`;
  await retryDue(sql, 100, 24);
};
const setStatus = async (id: string, status: "open" | "frozen" | "closed"): Promise<void> => {
  const { headers } = await ledger.send("GET", `/v1/accounts/${id}`);
  const change = { headers: { "if-match": headers.get("etag")! }, body: { status } };
  expect((await ledger.send("PATCH", `/v1/accounts/${id}`, change)).status).toBe(200);
};
const fund = async (id: string, amount: string): Promise<void> => {
  const body = { sourceAccountId: await openHouse(sql), destinationAccountId: id, amount };
  expect((await ledger.send("POST", TRANSFERS, { body })).status).toBe(201);
};

describe("a transfer that waits", () => {
  test("is asked for again where the connection was lost while it was written, and the process lives on", async () => {
    // A database of its own: the driver hands the server's farewell to one more statement.
    await using own = await freshDatabase();
    await using replica = startLedger(own.sql);
    const { source, order } = await openPair(own.sql, "0");
    const sent = { key: randomUUID(), body: { ...order, amount: "2", waitForFunds: true } };
    let lost: ReturnType<typeof replica.send> | undefined;
    await own.sql.begin(async (tx) => {
      await tx`select from ledger_accounts where id = ${source.id} for update`;
      lost = replica.send("POST", TRANSFERS, sent);
      await until(async () => {
        const killed = await tx`
          select pg_terminate_backend(pid) from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))`;
        return killed.length > 0;
      });
      await lost;
    });
    expect((await lost)!.status).toBe(503);
    expect(await until(async () => (await replica.send("POST", TRANSFERS, sent)).status === 202)).toBe(true);
    expect(await own.sql`select status from ledger_transfers`).toEqual([{ status: "pending" }]);
  });

  test("for funds is pending until they are there, then complete, with its attempts told", async () => {
    const { source, destination, order } = await openPair(sql, "0");
    const body = { ...order, amount: "2", waitForFunds: true };
    const waiting = await ledger.send("POST", TRANSFERS, { body });
    expect(waiting).toMatchObject({
      status: 202,
      body: { status: "pending", attempts: 1, lastError: "insufficient_funds" },
    });
    const { id } = waiting.body;
    expect(await announced(id)).toEqual(["transaction.submitted"]);
    await tryNow(id);
    const listed = await ledger.send("GET", `${TRANSFERS}?accountId=${source.id}&status=pending`);
    // It counts from when it was asked for, until it moves money.
    expect(listed.body.items).toMatchObject([{ id, attempts: 2, effectiveAt: waiting.body.recordedAt }]);
    await fund(source.id, "5");
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "complete", attempts: 3 });
    expect(await announced(id)).toEqual(["transaction.submitted", "transaction.completed"]);
    expect((await fundsOf(sql, destination.id)).balance).toBe(200n);
    expect(await retryDue(sql, 100, 24)).toBe(0);
  });

  test("too long fails, and says why", async () => {
    const { order } = await openPair(sql, "0");
    const { body } = await ledger.send("POST", TRANSFERS, {
      body: { ...order, amount: "2", waitForFunds: true },
    });
    await sql`update ledger_transfers set waits_from = now() - interval '25 hours' where id = ${body.id}`;
    await tryNow(body.id);
    expect(await show(body.id)).toMatchObject({ status: "failed", failureReason: "insufficient_funds" });
  });

  test("goes on waiting while its source is frozen, and says so", async () => {
    const { source, destination, order } = await openPair(sql, "0");
    const body = { ...order, amount: "2", waitForFunds: true };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    await setStatus(source.id, "frozen");
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "pending", attempts: 2, lastError: "account_not_open" });
    expect(await announced(id)).toEqual(["transaction.submitted"]);
    await setStatus(source.id, "open");
    await fund(source.id, "2");
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "complete", attempts: 3 });
    expect((await fundsOf(sql, destination.id)).balance).toBe(200n);
  });

  test("too long at a frozen source fails, and says why", async () => {
    const { source, order } = await openPair(sql, "5");
    const body = { ...order, amount: "2", waitForFunds: true, executeAt: inAnHour() };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    await setStatus(source.id, "frozen");
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "pending", lastError: "account_not_open" });
    await sql`update ledger_transfers set waits_from = now() - interval '25 hours' where id = ${id}`;
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "failed", failureReason: "account_not_open" });
    expect(await announced(id)).toEqual(["transaction.submitted", "transaction.failed"]);
  });

  test("fails once an account of it is closed, frozen source or not, and is refused where that is frozen from the start", async () => {
    for (const changes of [
      { source: "closed" },
      { destination: "closed" },
      { source: "frozen", destination: "closed" },
    ] as const) {
      const { source, destination, order } = await openPair(sql, "0");
      const body = { ...order, amount: "2", waitForFunds: true };
      const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
      if ("source" in changes) await setStatus(source.id, changes.source);
      if ("destination" in changes) await setStatus(destination.id, changes.destination);
      await tryNow(id);
      expect(await show(id)).toMatchObject({ status: "failed", failureReason: "account_not_open" });
    }
    const { source, order } = await openPair(sql, "5");
    await setStatus(source.id, "frozen");
    const body = { ...order, amount: "2", waitForFunds: true };
    expect(await ledger.send("POST", TRANSFERS, { body })).toMatchObject({
      status: 422,
      body: { code: "account_not_open" },
    });
  });

  test("for its time alone fails at a frozen source", async () => {
    const { source, order } = await openPair(sql, "5");
    const body = { ...order, amount: "2", executeAt: inAnHour() };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    await setStatus(source.id, "frozen");
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "failed", failureReason: "account_not_open" });
  });

  test("for its time alone fails when there is too little then", async () => {
    const { order } = await openPair(sql, "1");
    const body = { ...order, amount: "2", executeAt: inAnHour() };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    await tryNow(id);
    expect(await show(id)).toMatchObject({
      status: "failed",
      failureReason: "insufficient_funds",
      attempts: 1,
    });
    expect(await announced(id)).toEqual(["transaction.submitted", "transaction.failed"]);
  });

  test("for its time and for funds waits a day from its time on, whenever it was ordered", async () => {
    const { order } = await openPair(sql, "1");
    const executeAt = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const body = { ...order, amount: "2", executeAt, waitForFunds: true };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    const [kept] = await sql<
      { from: Date }[]
    >`select waits_from as from from ledger_transfers where id = ${id}`;
    expect(kept!.from.toISOString()).toBe(executeAt);
    // Ordered four days ago, due since 23 hours, then since 25.
    const age = (hours: number) =>
      sql`update ledger_transfers set recorded_at = now() - interval '96 hours', waits_from = now() - make_interval(hours => ${hours}) where id = ${id}`;
    await age(23);
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "pending", lastError: "insufficient_funds" });
    await age(25);
    await tryNow(id);
    expect(await show(id)).toMatchObject({ status: "failed", failureReason: "insufficient_funds" });
  });

  test("for its time fails where the account can count no more by then, and is not tried for ever", async () => {
    const [house, full] = [await openHouse(sql), await openHouse(sql)];
    const order = { sourceAccountId: house, destinationAccountId: full, amount: "0.02" };
    const { body } = await ledger.send("POST", TRANSFERS, { body: { ...order, executeAt: inAnHour() } });
    // As if it had received so much meanwhile.
    await sql`update ledger_accounts set credits_posted = 3999999999999999999 where id = ${full}`;
    try {
      await tryNow(body.id);
      expect(await show(body.id)).toMatchObject({
        status: "failed",
        failureReason: "validation_failed",
        attempts: 1,
      });
      expect(await announced(body.id)).toEqual(["transaction.submitted", "transaction.failed"]);
      expect(await ledger.send("POST", TRANSFERS, { body: order })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: "/amount" }] },
      });
    } finally {
      await sql`update ledger_accounts set credits_posted = 0 where id = ${full}`;
    }
  });

  test("for its time is pending until then, and counts from when it was posted", async () => {
    const { destination, order } = await openPair(sql);
    const executeAt = inAnHour();
    const { status, body } = await ledger.send("POST", TRANSFERS, {
      body: { ...order, amount: "2", executeAt },
    });
    expect([status, body.status]).toEqual([202, "pending"]);
    expect(Date.parse(body.nextAttemptAt)).toBe(Date.parse(executeAt));
    await retryDue(sql, 100, 24);
    expect((await fundsOf(sql, destination.id)).balance).toBe(0n);
    await tryNow(body.id);
    expect((await fundsOf(sql, destination.id)).balance).toBe(200n);
    const done = await show(body.id);
    expect(done.effectiveAt).toBe(done.lastAttemptAt);
    const path = `/v1/accounts/${destination.id}/statement?from=${body.recordedAt}&to=${inAnHour()}`;
    const { lines } = (await ledger.send("GET", path)).body;
    expect(lines).toMatchObject([{ transferId: body.id, effectiveAt: done.effectiveAt }]);
  });

  test("for more than a year is refused", async () => {
    const { order } = await openPair(sql);
    const executeAt = new Date(Date.now() + 367 * 86_400_000).toISOString();
    const answer = await ledger.send("POST", TRANSFERS, { body: { ...order, amount: "2", executeAt } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/executeAt" }] } });
  });
});

describe("POST /v1/transfers/{id}/cancel", () => {
  const cancel = (id: string, options: Parameters<LedgerReplica["send"]>[2] = {}) =>
    ledger.send("POST", `${TRANSFERS}/${id}/cancel`, { body: {}, ...options });
  const order = async (more: { referenceId?: string } = {}) => {
    const pair = await openPair(sql);
    const body = { ...pair.order, ...more, amount: "2", executeAt: inAnHour() };
    const waiting = await ledger.send("POST", TRANSFERS, { caller: pair.source.caller, body });
    return { ...pair, body, id: waiting.body.id };
  };

  test("calls it off once: it moves nothing, says so, and leaves its reference free", async () => {
    const { id, body, source, destination } = await order({ referenceId: randomUUID() });
    const options = { caller: source.caller, key: randomUUID() };
    const first = await cancel(id, options);
    expect(first.status).toBe(200);
    expect(transfer.strict().parse(first.body)).toMatchObject({
      id,
      status: "failed",
      failureReason: "cancelled",
    });
    expect((await cancel(id, options)).text).toBe(first.text);
    expect(await show(id)).toEqual(first.body);
    expect(await announced(id)).toEqual(["transaction.submitted", "transaction.failed"]);
    await retryDue(sql, 100, 24);
    expect((await fundsOf(sql, destination.id)).balance).toBe(0n);
    const again = await ledger.send("POST", TRANSFERS, { caller: source.caller, body });
    expect(again).toMatchObject({ status: 202, body: { referenceId: body.referenceId } });
    expect(again.body.id).not.toBe(id);
  });

  test("is refused for what is settled, and for what a stranger ordered", async () => {
    const { id, source, destination } = await order();
    for (const caller of [destination.caller, { kind: "user" as const, id: randomUUID() }])
      expect(await cancel(id, { caller })).toMatchObject({
        status: 404,
        body: { code: "transfer_not_found" },
      });
    expect(await cancel(id, { caller: { kind: "internal" } })).toMatchObject({ status: 403 });
    expect(await cancel(randomUUID())).toMatchObject({ status: 404 });
    expect((await cancel(id, { body: { why: "x" } })).status).toBe(422);
    expect((await show(id)).status).toBe("pending");
    await tryNow(id);
    expect(await cancel(id, { caller: source.caller })).toMatchObject({
      status: 409,
      body: { code: "transfer_not_pending" },
    });
    expect((await show(id)).status).toBe("complete");
  });

  test("of an operator's order is the operator's", async () => {
    const { source, order: pair } = await openPair(sql);
    const body = { ...pair, amount: "2", executeAt: inAnHour() };
    const { id } = (await ledger.send("POST", TRANSFERS, { body })).body;
    expect((await cancel(id, { caller: source.caller })).status).toBe(404);
    expect((await cancel(id)).body.failureReason).toBe("cancelled");
  });

  test("and an attempt at the same moment: one of them wins", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, destination } = await order();
      await sql`update ledger_transfers set next_attempt_at = now() where id = ${id}`;
      const [answers] = await Promise.all([
        Promise.all(Array.from({ length: 25 }, () => cancel(id))),
        ...Array.from({ length: 25 }, () => retryDue(sql, 100, 24)),
      ]);
      const cancelled = answers.filter(({ status }) => status === 200).length;
      expect(cancelled).toBeLessThanOrEqual(1);
      expect((await show(id)).status).toBe(cancelled === 1 ? "failed" : "complete");
      expect((await fundsOf(sql, destination.id)).balance).toBe(cancelled === 1 ? 0n : 200n);
      expect((await announced(id)).length).toBe(2);
    }
  });
});
