import { randomUUID } from "node:crypto";
import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { persistEmotions } from "./persist-emotions.ts";

const at = (day: number, hour = 12): string =>
  new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), day, hour)).toISOString();

const emotion = (
  userId: string,
  eventId: string,
  over: { stress?: number; timestamp?: string } = {},
): EmotionEvent => ({
  userId,
  eventId,
  timestamp: over.timestamp ?? at(1),
  receivedAt: at(1),
  emotionEvent: {
    type: "joy",
    metrics: { positivity: 0.1, intensity: 0.2, stress_level: over.stress ?? 0.7 },
  },
});

const setUp = async () => {
  const database = await freshDatabase();
  const counted = { inserted: 0, received: 0 };
  const persist = persistEmotions({
    sql: database.sql,
    highStressThreshold: 0.7,
    count: ({ inserted, received }) => {
      counted.inserted += inserted;
      counted.received += received;
    },
  });
  return {
    ...database,
    sql: database.sql,
    counted,
    persist,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
};

test("the same event twice in a batch, and again later, counts once", async () => {
  await using env = await setUp();
  const user = randomUUID();
  await env.persist([
    emotion(user, "a"),
    emotion(user.toUpperCase(), "a"),
    emotion(user, "b", { stress: 0.69 }),
  ]);
  await env.persist([emotion(user, "a", { timestamp: at(2) })]);
  const days = await env.sql`
    select event_count, high_stress_count, positivity_sum, avg_stress from emotional_events_summary where user_id = ${user}`;
  expect(days).toEqual([
    { event_count: "2", high_stress_count: "1", positivity_sum: "0.2", avg_stress: "0.695000" },
  ]);
  expect(env.counted).toEqual({ inserted: 2, received: 4 });
});

test("one user's event id never shadows another's", async () => {
  await using env = await setUp();
  await env.persist([emotion(randomUUID(), "same"), emotion(randomUUID(), "same")]);
  expect(env.counted.inserted).toBe(2);
});

test("days are UTC days of the event's own time, and hostile text stays text", async () => {
  await using env = await setUp();
  const user = randomUUID();
  const id = '",\\"{}NULL\'; -- é😀';
  await env.persist([
    emotion(user, id, { timestamp: at(1, 23) }),
    emotion(user, "NULL", { timestamp: at(2, 0) }),
  ]);
  const days = await env.sql<{ n: number }[]>`
    select event_count::int as n from emotional_events_summary where user_id = ${user} order by day`;
  expect(days.map(({ n }) => n)).toEqual([1, 1]);
  const ids = await env.sql<
    { event_id: string }[]
  >`select event_id from emotion_events where user_id = ${user}`;
  expect(new Set(ids.map(({ event_id }) => event_id))).toEqual(new Set([id, "NULL"]));
});

test("an event outside every partition is kept", async () => {
  await using env = await setUp();
  const user = randomUUID();
  await env.persist([emotion(user, "old", { timestamp: "2001-01-01T00:00:00.000Z" })]);
  const [row] =
    await env.sql`select tableoid::regclass::text as name from emotion_events where user_id = ${user}`;
  expect(row).toEqual({ name: "emotion_events_default" });
});

test("batches that overlap, side by side and in any order, neither deadlock nor count twice", async () => {
  await using env = await setUp();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(fc.nat(3), fc.nat(40)), { minLength: 1, maxLength: 60 }), {
        minLength: 2,
        maxLength: 8,
      }),
      async (batches) => {
        const users = Array.from({ length: 4 }, () => randomUUID());
        await Promise.all(
          batches.map((batch) =>
            env.persist(batch.map(([user, event]) => emotion(users[user]!, `e${event}`))),
          ),
        );
        const distinct = new Set(batches.flat().map(([user, event]) => `${user}:${event}`)).size;
        const [row] = await env.sql<{ events: number; counted: number; stress: string }[]>`
          select
            (select count(*)::int from emotion_events where user_id = any(${users}::uuid[])) as events,
            coalesce(sum(event_count), 0)::int as counted, coalesce(sum(stress_sum), 0)::text as stress
          from emotional_events_summary where user_id = any(${users}::uuid[])`;
        expect(row).toMatchObject({ events: distinct, counted: distinct });
        expect(Number(row!.stress)).toBeCloseTo(distinct * 0.7, 9);
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
