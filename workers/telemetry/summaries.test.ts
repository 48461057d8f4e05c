import { randomUUID } from "node:crypto";
import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { HIGH_STRESS_THRESHOLD } from "../../contracts/events/emotion-event.ts";
import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { distinctByIdentity } from "./distinct-by-identity.ts";
import { identityKey } from "./identity-key.ts";
import { persistEmotions } from "../emotion-processing/persist-emotions.ts";
import { persistTransactions } from "../transaction-processing/persist-transactions.ts";

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const RUNS = { numRuns: 10 };

// Few users, ids and hours, so that identities repeat and days are shared; a day ahead is tomorrow's.
const draft = fc.record({
  user: fc.nat(2),
  id: fc.nat(25),
  hours: fc.integer({ min: -30, max: 23 }),
  thousandths: fc.integer({ min: 0, max: 1_000 }),
});
type Draft = { user: number; id: number; hours: number; thousandths: number };

/** Events of a run, and the same events cut into batches in another order, some of them sent twice. */
const sendings = fc.array(draft, { minLength: 1, maxLength: 60 }).chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray(
      events.map((_, n) => n),
      { minLength: events.length, maxLength: events.length },
    ),
    again: fc.subarray(events.map((_, n) => n)),
    cuts: fc.array(fc.nat(events.length * 2), { maxLength: 6 }),
  }),
);

const cut = <Item>(items: readonly Item[], at: readonly number[]): Item[][] => {
  const ends = [...new Set([...at.filter((end) => end < items.length), items.length])].toSorted(
    (a, b) => a - b,
  );
  return ends.map((end, n) => items.slice(ends[n - 1] ?? 0, end)).filter((batch) => batch.length > 0);
};

const time = ({ hours }: Draft): string => new Date(NOW + hours * HOUR).toISOString();
const receivedAt = new Date(NOW).toISOString();

const toEmotion = (users: string[], event: Draft): EmotionEvent => ({
  userId: users[event.user]!,
  eventId: `e${event.id}`,
  timestamp: time(event),
  receivedAt,
  emotionEvent: {
    type: "calm",
    metrics: {
      positivity: event.thousandths / 1_000,
      intensity: 1 - event.thousandths / 1_000,
      stress_level: event.thousandths / 1_000,
    },
  },
});

const toTransaction = (users: string[], event: Draft): TransactionEvent => ({
  userId: users[event.user]!,
  eventId: `t${event.id}`,
  amount: ((event.thousandths + 1) / 1_000).toFixed(4),
  currency: event.thousandths % 3 === 0 ? "EUR" : "USD",
  occurredAt: time(event),
  receivedAt,
});

test("summaries of emotions equal their recomputation, whatever the order, the batches and the re-sends", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const persist = persistEmotions({ sql, highStressThreshold: HIGH_STRESS_THRESHOLD, count: () => {} });
  await fc.assert(
    fc.asyncProperty(sendings, async ({ events, order, again, cuts }) => {
      const users = [randomUUID(), randomUUID(), randomUUID()];
      const sent = [...order, ...again].map((n) => toEmotion(users, events[n]!));
      // Side by side, as replicas would.
      await Promise.all(cut(sent, cuts).map(persist));
      const summaries = await sql`
        select user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum
        from emotional_events_summary where user_id = any(${users}::uuid[]) order by user_id, day`;
      const recomputed = await sql`
        select
          user_id, (occurred_at at time zone 'UTC')::date as day, count(*) as event_count,
          count(*) filter (where stress_level >= ${String(HIGH_STRESS_THRESHOLD)}::numeric) as high_stress_count,
          sum(positivity) as positivity_sum, sum(intensity) as intensity_sum, sum(stress_level) as stress_sum
        from emotion_events where user_id = any(${users}::uuid[]) group by user_id, day order by user_id, day`;
      expect([...summaries]).toEqual([...recomputed]);
      const counted = summaries.reduce((sum, row) => sum + Number(row["event_count"]), 0);
      expect(counted).toBe(new Set(events.map(({ user, id }) => `${user} ${id}`)).size);
    }),
    RUNS,
  );
});

test("summaries of transactions equal their recomputation, to the last digit and by currency", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const persist = persistTransactions({ sql, count: () => {} });
  await fc.assert(
    fc.asyncProperty(sendings, async ({ events, order, again, cuts }) => {
      const users = [randomUUID(), randomUUID(), randomUUID()];
      const sent = [...order, ...again].map((n) => toTransaction(users, events[n]!));
      await Promise.all(cut(sent, cuts).map(persist));
      const summaries = await sql`
        select user_id, day, currency, transaction_count, amount_sum
        from transactions_summary where user_id = any(${users}::uuid[]) order by user_id, day, currency`;
      const recomputed = await sql`
        select
          user_id, (occurred_at at time zone 'UTC')::date as day, currency,
          count(*) as transaction_count, sum(amount) as amount_sum
        from transactions where user_id = any(${users}::uuid[])
        group by user_id, day, currency order by user_id, day, currency`;
      expect([...summaries]).toEqual([...recomputed]);
    }),
    RUNS,
  );
});

test("of each identity the first event stays, in order; users' ids in any case are the same user", () => {
  const identities = fc.array(
    fc.tuple(fc.constantFrom("ab", "AB", "Ab", "cd"), fc.constantFrom("x", "X", "", "y")),
  );
  fc.assert(
    fc.property(identities, (pairs) => {
      const events = pairs.map(([userId, eventId], n) => ({ userId, eventId, n }));
      const kept = distinctByIdentity(events);
      const first = events.filter(
        ({ userId, eventId, n }) =>
          !events
            .slice(0, n)
            .some((e) => e.userId.toLowerCase() === userId.toLowerCase() && e.eventId === eventId),
      );
      expect(kept.events).toEqual(first);
      expect(kept.keys).toEqual(first.map(({ userId, eventId }) => identityKey(userId, eventId)));
    }),
  );
});
