import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { LimitActivated } from "../../contracts/events/credit-events.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { offerOfFreshUser } from "../credit-application/accepted-offer.fixture.ts";
import { backfillLines } from "./backfill-lines.ts";
import { openLines } from "./open-lines.ts";

const setUp = async () => {
  const database = await freshDatabase({ max: 20 });
  const results: string[] = [];
  const deps = {
    sql: database.sql,
    logger: pino({ level: "silent" }),
    count: ({ source, result }: { source: string; result: string }) =>
      void results.push(`${source} ${result}`),
    wakeRelay: () => {},
  };
  const lines = () => database.sql`
    select offer_id, owner_id, credit_limit::int, currency, version::int
    from ledger_accounts where kind = 'credit_line' order by id`;
  const handle = openLines(deps);
  return {
    sql: database.sql,
    deps,
    results,
    lines,
    handle,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
};

const activated = (over: Partial<LimitActivated> = {}): LimitActivated => ({
  offerId: randomUUID(),
  userId: randomUUID(),
  creditLimit: "7812.50",
  interestRate: "8.28",
  creditType: "SHORT_TERM_PERSONAL_LOAN",
  activatedAt: new Date().toISOString(),
  ...over,
});

test("an activation opens the person's line with its limit, and an account to settle to, and announces both", async () => {
  await using env = await setUp();
  const event = activated();
  expect(await env.handle([event])).toEqual([{ kind: "done" }]);
  expect(await env.lines()).toEqual([
    { offer_id: event.offerId, owner_id: event.userId, credit_limit: 781_250, currency: "USD", version: 1 },
  ]);
  const [house] = await env.sql`
    select a.kind, count(b.sub)::int as parts from ledger_accounts a join ledger_sub_balances b on b.account_id = a.id
    where a.external_id = 'settlement:USD' group by a.kind`;
  expect(house).toEqual({ kind: "system", parts: 16 });
  const events = await env.sql`select payload from outbox where subject = 'account.created' order by id`;
  expect(events.map(({ payload }) => (payload as { kind: string }).kind)).toEqual(["system", "credit_line"]);
});

test("the openings carry the request that the activation came from", async () => {
  await using env = await setUp();
  const headers = { traceparent: `00-${"4b".repeat(16)}-00f067aa0ba902b7-01`, "x-request-id": "accept-1" };
  await env.handle([{ ...activated(), cause: { headers, ids: {} } }]);
  const events = await env.sql`select headers from outbox where subject = 'account.created'`;
  expect(events.map((event) => event["headers"])).toEqual([headers, headers]);
});

test("one activation delivered many times, side by side, opens one line; many people's open one each", async () => {
  await using env = await setUp();
  const [event, others] = [activated(), Array.from({ length: 5 }, () => activated())];
  const batches = await Promise.all(Array.from({ length: 15 }, () => env.handle([event, ...others])));
  for (const outcome of batches.flat()) expect(["done", "retry"]).toContain(outcome.kind);
  expect(await env.lines()).toHaveLength(6);
  expect(env.results.filter((result) => result === "event opened")).toHaveLength(6);
  const [houses] = await env.sql`select count(*)::int as n from ledger_accounts where kind = 'system'`;
  expect(houses).toEqual({ n: 1 });
});

test("a second line beside an open one is a dead letter, and the first keeps its limit", async () => {
  await using env = await setUp();
  const first = activated();
  await env.handle([first]);
  const [outcome] = await env.handle([activated({ userId: first.userId, creditLimit: "9.00" })]);
  expect(outcome!.kind).toBe("dead");
  expect(await env.lines()).toMatchObject([{ credit_limit: 781_250 }]);
});

test("a limit finer than the currency is a dead letter, and no line", async () => {
  await using env = await setUp();
  const [outcome] = await env.handle([activated({ creditLimit: "100.005" })]);
  expect(outcome!.kind).toBe("dead");
  expect(await env.lines()).toEqual([]);
  expect(env.results).toEqual(["event refused"]);
});

test("limits that were active before the stream began get their lines, once, and no others do", async () => {
  await using env = await setUp();
  const old = [
    await offerOfFreshUser(env.sql, { status: "active" }),
    await offerOfFreshUser(env.sql, { status: "active" }),
  ];
  await offerOfFreshUser(env.sql, { status: "accepted" });
  const told = await offerOfFreshUser(env.sql, { status: "active" });
  await env.handle([activated(told)]);
  expect(await backfillLines(env.deps, 0)).toBe(2);
  expect(await backfillLines(env.deps, 0)).toBe(0);
  const opened = (await env.lines()).map((line) => line["offer_id"] as string);
  expect(opened.toSorted()).toEqual([...old, told].map(({ offerId }) => offerId).toSorted());
});

test("a limit of somebody who has another line is left alone until that line is closed", async () => {
  await using env = await setUp();
  const limit = await offerOfFreshUser(env.sql, { status: "active" });
  await env.handle([activated({ userId: limit.userId })]);
  expect(await backfillLines(env.deps, 0)).toBe(0);
  expect(env.results).toEqual(["event opened"]);
  await env.sql`update ledger_accounts set status = 'closed' where kind = 'credit_line'`;
  expect(await backfillLines(env.deps, 0)).toBe(1);
});

test("a fresh activation is left to its event", async () => {
  await using env = await setUp();
  await offerOfFreshUser(env.sql, { status: "active" });
  expect(await backfillLines(env.deps)).toBe(0);
});
