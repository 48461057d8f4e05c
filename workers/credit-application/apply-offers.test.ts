import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { OfferApproved } from "../../contracts/events/credit-events.ts";
import { limitActivated, userNotification } from "../../contracts/events/credit-events.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { offerOfFreshUser } from "./accepted-offer.fixture.ts";
import type { Fixture } from "./accepted-offer.fixture.ts";
import { applyOffers } from "./apply-offers.ts";

const approved = ({ userId, offerId }: Fixture): OfferApproved => ({
  offerId,
  userId,
  creditLimit: "7812.50",
  interestRate: "8.28",
  creditType: "SHORT_TERM_PERSONAL_LOAN",
  acceptedAt: new Date().toISOString(),
});

const setUp = async () => {
  const database = await freshDatabase();
  const results: string[] = [];
  const logged: unknown[] = [];
  let woken = 0;
  const apply = applyOffers({
    sql: database.sql,
    logger: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    count: (result) => void results.push(result),
    wakeRelay: () => void (woken += 1),
  });
  return {
    sql: database.sql,
    results,
    logged,
    apply,
    woken: () => woken,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
};

type Env = Awaited<ReturnType<typeof setUp>>;

const statusOf = async ({ sql }: Env, offerId: string): Promise<string | undefined> => {
  const [row] = await sql<{ status: string }[]>`select status from credit_limits where id = ${offerId}::uuid`;
  return row?.status;
};

const announced = async ({ sql }: Env): Promise<{ subject: string; payload: unknown }[]> =>
  sql<{ subject: string; payload: unknown }[]>`select subject, payload from outbox order by id`;

test("an acceptance delivered many times, side by side, makes one activation and one notification", async () => {
  await using env = await setUp();
  const offer = await offerOfFreshUser(env.sql);
  const deliveries = await Promise.all(Array.from({ length: 8 }, () => env.apply([approved(offer)])));
  expect(deliveries.flat().every(({ kind }) => kind === "done")).toBe(true);
  expect(env.results.filter((result) => result === "activated")).toHaveLength(1);
  expect(env.woken()).toBe(1);
  expect(await statusOf(env, offer.offerId)).toBe("active");
  const rows = await announced(env);
  expect(rows.map(({ subject }) => subject)).toEqual(["credit.limits.activated", "user.notifications"]);
  expect(limitActivated.parse(rows[0]!.payload)).toMatchObject({ ...offer, creditLimit: "7812.50" });
  const told = userNotification.parse(rows[1]!.payload);
  expect(told.message).toBe("You can now use your credit limit of 7812.50 USD at 8.28 % a year.");
  const [stored] =
    await env.sql`select id, user_id, type from notifications where offer_id = ${offer.offerId}::uuid`;
  expect(stored).toEqual({ id: told.notificationId, user_id: offer.userId, type: "CREDIT_LIMIT_APPLIED" });
});

test("what an activation announces belongs to the request that accepted the offer", async () => {
  await using env = await setUp();
  const offer = await offerOfFreshUser(env.sql);
  const headers = {
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "x-request-id": "r-1",
  };
  const ids = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", requestId: "r-1" };
  await env.apply([{ ...approved(offer), cause: { headers, ids } }]);
  const rows = await env.sql`select headers from outbox`;
  expect(rows.map((row) => row["headers"] as unknown)).toEqual([headers, headers]);
  expect(env.logged).toMatchObject([{ ...ids, offerId: offer.offerId, result: "activated" }]);
});

test("who accepted in time gets the limit, however late the acceptance is processed", async () => {
  await using env = await setUp();
  const offer = await offerOfFreshUser(env.sql, { acceptedAt: -7_200, expiresAt: -3_600 });
  await env.apply([approved(offer)]);
  expect(await statusOf(env, offer.offerId)).toBe("active");
});

test("an acceptance recorded after the expiry becomes expired, and nobody is told of a limit", async () => {
  await using env = await setUp();
  const offer = await offerOfFreshUser(env.sql, { acceptedAt: -10, expiresAt: -60 });
  expect(await env.apply([approved(offer)])).toEqual([{ kind: "done" }]);
  expect(await statusOf(env, offer.offerId)).toBe("expired");
  expect(await announced(env)).toEqual([]);
});

test("a second limit beside an active one is rejected", async () => {
  await using env = await setUp();
  const { userId } = await offerOfFreshUser(env.sql, { status: "active" });
  const second = await offerOfFreshUser(env.sql, { userId });
  await env.apply([approved(second)]);
  expect(env.results).toEqual(["rejected"]);
  expect(await statusOf(env, second.offerId)).toBe("rejected");
  expect(await announced(env)).toEqual([]);
});

test("an unknown offer, another user's and one never accepted are dead letters; a good one beside them is applied", async () => {
  await using env = await setUp();
  const [good, foreign, open] = [
    await offerOfFreshUser(env.sql),
    await offerOfFreshUser(env.sql),
    await offerOfFreshUser(env.sql, { status: "offered" }),
  ];
  const outcomes = await env.apply([
    approved({ userId: randomUUID(), offerId: randomUUID() }),
    approved({ ...foreign, userId: good.userId }),
    approved(open),
    approved(good),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["dead", "dead", "dead", "done"]);
  expect(await statusOf(env, foreign.offerId)).toBe("accepted");
  expect(await statusOf(env, open.offerId)).toBe("offered");
});

test("an activation and an analysis of one person wait for each other and never deadlock", async () => {
  await using env = await setUp();
  const offer = await offerOfFreshUser(env.sql);
  // What an analysis does: the person first, then the offers.
  const analysis = env.sql.begin(async (tx) => {
    await tx`select id from users where id = ${offer.userId}::uuid for no key update`;
    const applied = env.apply([approved(offer)]);
    await until(
      async () =>
        (
          await env.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        ).length > 0,
      { what: "the activation waiting" },
    );
    await tx`select id from credit_limits where id = ${offer.offerId}::uuid for update`;
    return { applied };
  });
  const { applied } = await analysis;
  await applied;
  expect(env.results).toEqual(["activated"]);
});
