import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { checkAcceptances, judgeAcceptance } from "./check-acceptances.ts";
import { checkEvents } from "./check-events.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const storeEmotion = async (userId: string, eventId: string, occurredAt: string): Promise<void> => {
  await database.sql`
    insert into emotion_events
      (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
    values (${userId}, ${eventId}, 'calm', 0.5, 0.5, 0.5, ${occurredAt}, now())`;
};

const storeTotal = async (userId: string, count: number): Promise<void> => {
  await database.sql`
    insert into emotional_events_summary
      (user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum)
    values (${userId}, current_date, ${count}, 0, 1, 1, 1)`;
};

const owedTo = (userId: string, ...acknowledged: string[]) =>
  new Map([[userId, { acknowledged: new Set(acknowledged), uncertain: new Set<string>() }]]);

const now = new Date().toISOString();
const earlier = new Date(Date.now() - 60_000).toISOString();

test("events stored once with the right totals are as they should be", async () => {
  const userId = randomUUID();
  await storeEmotion(userId, "a", now);
  await storeEmotion(userId, "b", now);
  await storeTotal(userId, 2);
  expect(await checkEvents(database.sql, "emotion", owedTo(userId, "a", "b"))).toEqual([]);
});

test("a lost event, a doubled one and a total that counts it are found, with whose and which", async () => {
  const userId = randomUUID();
  await storeEmotion(userId, "a", now);
  await storeEmotion(userId, "a", earlier);
  await storeTotal(userId, 1);
  expect(await checkEvents(database.sql, "emotion", owedTo(userId, "a", "lost"))).toEqual([
    { fault: "emotion missing", userId, what: "lost" },
    { fault: "emotion doubled", userId, what: "a" },
    { fault: "emotion totals wrong", userId, what: "daily summaries" },
  ]);
});

test("one person's event never stands in for another's", async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await database.sql`
    insert into transactions (user_id, event_id, amount, currency, occurred_at, received_at)
    values (${one}, 'a', 5, 'USD', now(), now())`;
  await database.sql`
    insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
    values (${one}, current_date, 'USD', 1, 5)`;
  expect(await checkEvents(database.sql, "transaction", owedTo(one, "a"))).toEqual([]);
  expect(await checkEvents(database.sql, "transaction", owedTo(other, "a"))).toEqual([
    { fault: "transaction missing", userId: other, what: "a" },
  ]);
});

test("an acceptance whose offer is gone is found", async () => {
  const [offerId, userId] = [randomUUID(), randomUUID()];
  const findings = await checkAcceptances(database.sql, new Map([[offerId, { userId, acknowledged: true }]]));
  expect(findings).toEqual([{ fault: "accepted offer missing", userId, what: offerId }]);
});

test.each([
  [true, "active", 1, undefined],
  [true, "accepted", 0, "accepted offer is accepted, not active"],
  [true, "offered", 0, "accepted offer is offered, not active"],
  [true, "active", 0, "active limit announced 0 times"],
  [true, "active", 2, "active limit announced 2 times"],
  [false, "offered", 0, undefined],
  [false, "active", 1, undefined],
  [false, "accepted", 0, "accepted offer is accepted, not active"],
])(
  "answered 202: %s, stored as %s with %d notifications: %s",
  (acknowledged, status, notifications, fault) => {
    expect(judgeAcceptance(acknowledged, { status, notifications })).toBe(fault);
  },
);
