import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { announcedByContract } from "../../tests/ledger/announced.ts";
import { brokenLedgerRules } from "../../tests/ledger/credit-line.ts";
import { createSagaMetrics, measureSagas } from "./metrics.ts";
import { runSagas } from "./run-sagas.ts";
import { approve, openLine, runAll, sagaDeps, standing } from "./saga.fixture.ts";
import { countSagas, expireHolds } from "./sql/sagas.ts";

const COMPLETED = {
  state: "completed",
  hold: "captured",
  captures: 1,
  told: 1,
  events: [
    "authorization.approved",
    "authorization.captured",
    "authorization.confirmed",
    "user.notifications",
  ],
};

test("an approved purchase is posted, the person is told, and the saga is complete", async () => {
  await using env = await freshDatabase();
  const line = await openLine(env.sql);
  const ids = [await approve(env.sql, line), await approve(env.sql, line)];
  await runAll(sagaDeps(env.sql));
  for (const id of ids) expect(await standing(env.sql, id)).toEqual(COMPLETED);
  expect((await announcedByContract(env.sql)).unlike).toEqual([]);
});

// A request, as what it caused tells of it.
const asked = () => {
  const [traceId, requestId] = [randomUUID().replaceAll("-", ""), randomUUID()];
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "x-request-id": requestId };
  return { headers, ids: { traceId, requestId } };
};

test("everything that a saga does carries the request of its own purchase, in events and in logs", async () => {
  await using env = await freshDatabase();
  const [posted, undone] = [asked(), asked()];
  const line = await openLine(env.sql);
  const ids = [await approve(env.sql, line, posted.headers), await approve(env.sql, line, undone.headers)];
  await env.sql`select ledger_saga_act(${ids[1]!}::uuid, 'compensate', 'test', 'ordered twice', 60)`;
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: "info" }, { write: (line) => void lines.push(JSON.parse(line)) });
  await runAll({ ...sagaDeps(env.sql), logger });
  for (const [n, { headers, ids: traced }] of [posted, undone].entries()) {
    const told = await env.sql<{ subject: string; headers: object }[]>`
      select subject, headers from outbox
      where payload ->> 'authorizationId' = ${ids[n]!} or payload ->> 'holdId' = ${ids[n]!} order by id`;
    expect(told.map(({ subject }) => subject)).toEqual(n === 0 ? POSTED : UNDONE);
    for (const event of told) expect(event.headers).toEqual(headers);
    const logged = lines.filter(({ sagaId }) => sagaId === ids[n]);
    expect(logged.length).toBe(n === 0 ? 2 : 1);
    for (const entry of logged) expect(entry).toMatchObject(traced);
  }
});

const POSTED = [
  "authorization.approved",
  "transaction.completed",
  "authorization.captured",
  "authorization.confirmed",
  "user.notifications",
];
const UNDONE = [
  "authorization.approved",
  "authorization.compensating",
  "authorization.voided",
  "authorization.reversed",
];

test("a crash before or after any statement, and another worker goes on: everything happens once", async () => {
  await using env = await freshDatabase();
  const line = await openLine(env.sql);
  for (const moment of ["before", "after"] as const)
    for (let nth = 1; nth <= 6; nth++) {
      const id = await approve(env.sql, line);
      await expect(runAll({ ...sagaDeps(env.sql), sql: crashing(env.sql, nth, moment) }))
        .rejects.toThrow("killed")
        .catch(
          // The pass had fewer statements than that: it is complete.
          async () => expect((await standing(env.sql, id)).state).toBe("completed"),
        );
      await env.sql`update ledger_sagas set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null`;
      await runAll(sagaDeps(env.sql));
      expect(await standing(env.sql, id)).toEqual(COMPLETED);
    }
});

test("many workers side by side: every saga is completed once", async () => {
  await using env = await freshDatabase({ max: 20 });
  const line = await openLine(env.sql);
  const ids = await Promise.all(Array.from({ length: 40 }, () => approve(env.sql, line)));
  await Promise.all(Array.from({ length: 8 }, () => runAll(sagaDeps(env.sql))));
  await until(async () => {
    await runAll(sagaDeps(env.sql));
    return (await countSagas(env.sql)).every(({ sagas }) => sagas === 0);
  });
  for (const id of ids) expect(await standing(env.sql, id)).toEqual(COMPLETED);
});

test("a worker that lost its lease writes nothing more", async () => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  const slow = sagaDeps(env.sql);
  const stalled: Sql = intercept(env.sql, async (text, run) => {
    if (text.includes("ledger_saga_advance")) {
      await env.sql`update ledger_sagas set lease_until = clock_timestamp() - interval '1 second'`;
      await runAll(sagaDeps(env.sql));
    }
    return run();
  });
  await runSagas({ ...slow, sql: stalled });
  expect(await standing(env.sql, id)).toEqual(COMPLETED);
});

test("a hold that was voided before it was posted: the saga is compensated, and it is announced", async () => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  await env.sql`select * from ledger_void(array[${id}::uuid], array['platform'])`;
  await runAll(sagaDeps(env.sql));
  expect(await standing(env.sql, id)).toEqual({
    state: "compensated",
    hold: "voided",
    captures: 0,
    told: 0,
    events: ["authorization.approved", "authorization.voided", "authorization.reversed"],
  });
});

const TAKEN_IN_PART = { state: "completed", captures: 1, told: 1 };

const takePart = (sql: Sql, id: string) =>
  sql`
    select * from ledger_capture(
      ids => array[gen_random_uuid()], holds => array[${id}::uuid], scopes => array['platform'], amounts => array[4.00]
    )`;

test.each([
  ["voided", (sql: Sql, id: string) => sql`select * from ledger_void(array[${id}::uuid], array['platform'])`],
  [
    "expired",
    (sql: Sql, id: string) =>
      sql`update ledger_holds set placed_at = now() - interval '1 hour', expires_at = now() where id = ${id}::uuid`,
  ],
  [
    "compensated by an operator",
    (sql: Sql, id: string) => sql`select ledger_saga_act(${id}::uuid, 'compensate', 'op', 'late', 60)`,
  ],
])("what was captured of a hold before the rest was %s stands, and the person is told so", async (_, end) => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  await takePart(env.sql, id);
  await end(env.sql, id);
  await runAll(sagaDeps(env.sql));
  await expireHolds(env.sql, 10);
  const stands = await standing(env.sql, id);
  expect(stands).toMatchObject(TAKEN_IN_PART);
  expect(stands.events).not.toContain("authorization.reversed");
  expect(stands.events).toContain("authorization.confirmed");
  const [told] = await env.sql`
    select o.payload ->> 'capturedAmount' as amount, n.message
    from outbox as o join notifications as n on n.id = ${id}::uuid where o.subject = 'authorization.confirmed'`;
  expect(told).toEqual({ amount: "4.00", message: "You paid 4.00 USD with your credit line." });
  expect((await announcedByContract(env.sql)).unlike).toEqual([]);
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("crashes in between do not undo a purchase that was captured in part", async () => {
  await using env = await freshDatabase();
  const line = await openLine(env.sql);
  for (const moment of ["before", "after"] as const)
    for (let nth = 1; nth <= 5; nth++) {
      const id = await approve(env.sql, line);
      await takePart(env.sql, id);
      await env.sql`select ledger_saga_act(${id}::uuid, 'compensate', 'op', 'late', 60)`;
      await runAll({ ...sagaDeps(env.sql), sql: crashing(env.sql, nth, moment) }).catch(() => {});
      await env.sql`update ledger_sagas set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null`;
      await runAll(sagaDeps(env.sql));
      expect(await standing(env.sql, id)).toMatchObject({ ...TAKEN_IN_PART, hold: "voided" });
    }
});

test("a step that fails until its deadline is undone: the reservation is given back, and it is told why", async () => {
  await using env = await freshDatabase();
  const line = await openLine(env.sql, { settled: false });
  const id = await approve(env.sql, line);
  const deps = sagaDeps(env.sql);
  await until(async () => {
    await runSagas(deps);
    const [saga] = await env.sql`select attempts, last_error from ledger_sagas`;
    return saga!["attempts"] > 3 && saga!["last_error"] === "account_not_found";
  });
  await env.sql`update ledger_sagas set step_deadline = clock_timestamp()`;
  await until(async () => !(await runSagas(deps)) && (await standing(env.sql, id)).state === "compensated");
  expect(await standing(env.sql, id)).toMatchObject({ hold: "voided", captures: 0 });
  const [told] = await env.sql`
    select payload ->> 'reason' as reason, (select last_error from ledger_sagas where id = ${id}::uuid) as shown
    from outbox where subject = 'authorization.reversed'`;
  expect(told).toEqual({ reason: "account_not_found", shown: "account_not_found" });
  const [account] =
    await env.sql`select debits_pending::int as pending from ledger_accounts where owner_id = ${line.userId}::uuid`;
  expect(account).toEqual({ pending: 0 });
  expect((await announcedByContract(env.sql)).unlike).toEqual([]);
});

test("a compensation that finds the hold captured goes forward instead", async () => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  await env.sql`select * from ledger_capture(ids => array[gen_random_uuid()], holds => array[${id}::uuid], scopes => array['platform'])`;
  await env.sql`select ledger_saga_act(${id}::uuid, 'compensate', 'test', 'a race', 60)`;
  await runAll(sagaDeps(env.sql));
  const [approved, captured, ...told] = COMPLETED.events;
  expect(await standing(env.sql, id)).toEqual({
    ...COMPLETED,
    events: [approved, captured, "authorization.compensating", ...told],
  });
});

test("beyond the pivot a step that fails until its deadline is stuck and counted; retried by an operator it completes", async () => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  const broken: Sql = intercept(env.sql, (text, run) => {
    if (text.includes("ledger_saga_confirm")) throw Object.assign(new Error("no"), { code: "XX000" });
    return run();
  });
  const deps = { ...sagaDeps(env.sql), sql: broken };
  await runSagas(deps);
  await env.sql`update ledger_sagas set step_deadline = clock_timestamp()`;
  await until(async () => {
    await runSagas(deps);
    return (await standing(env.sql, id)).state === "stuck";
  });
  expect(await countSagas(env.sql)).toMatchObject([{ state: "stuck", sagas: 1 }]);
  const act = async (action: string) =>
    (await env.sql`select ledger_saga_act(${id}::uuid, ${action}, 'op', 'looked into', 60) as told`)[0]![
      "told"
    ];
  expect(await act("compensate")).toBe("past_pivot");
  expect(await act("retry")).toBe("done");
  await runAll(sagaDeps(env.sql));
  expect((await standing(env.sql, id)).state).toBe("completed");
  expect(await act("resolve")).toBe("not_stuck");
  const { subjects, unlike } = await announcedByContract(env.sql);
  expect(subjects).toContain("authorization.stuck");
  expect(unlike).toEqual([]);
});

type Run = () => Promise<unknown>;

// The pool, with something done around each statement.
const intercept = (sql: Sql, around: (text: string, run: Run) => unknown): Sql =>
  new Proxy(sql, {
    apply: (_, __, args: [TemplateStringsArray, ...never[]]) =>
      Promise.resolve(around(args[0].join("?"), async () => sql(...args))),
  });

// Dies at the nth statement, before or after it was carried out.
const crashing = (sql: Sql, nth: number, moment: "before" | "after"): Sql => {
  let count = 0;
  return intercept(sql, async (_, run) => {
    count++;
    if (count > nth || (count === nth && moment === "before")) throw new Error("killed");
    const result = await run();
    if (count === nth) throw new Error("killed");
    return result;
  });
};

test("what should have expired and has not is measured by its age, and is nothing once it is expired", async () => {
  await using env = await freshDatabase();
  const id = await approve(env.sql, await openLine(env.sql));
  const metrics = new Registry();
  const measures = createSagaMetrics(metrics);
  const overdue = async (): Promise<number> => {
    await measureSagas(env.sql, measures);
    return (await measures.overdue.get()).values[0]!.value;
  };
  expect(await overdue()).toBe(0);
  await env.sql`
    update ledger_holds set placed_at = now() - interval '2 hours', expires_at = now() - interval '90 seconds'
    where id = ${id}::uuid`;
  expect(await overdue()).toBeGreaterThanOrEqual(90);
  expect(await expireHolds(env.sql, 10)).toBe(1);
  expect(await overdue()).toBe(0);
});
