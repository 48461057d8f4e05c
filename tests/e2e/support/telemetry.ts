import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { until } from "../../harness/until.ts";
import { type Answer, send } from "./client.ts";
import { sql } from "./database.ts";
import type { Person } from "./people.ts";

export type Metrics = {
  readonly positivity: number;
  readonly intensity: number;
  readonly stress_level: number;
};

export const CALM: Metrics = { positivity: 0.85, intensity: 0.4, stress_level: 0.1 };
export const DISTRESSED: Metrics = { positivity: 0.05, intensity: 0.9, stress_level: 0.95 };

export const emotionOf = (userId: string, metrics: Metrics = CALM) => ({
  userId,
  timestamp: new Date().toISOString(),
  emotionEvent: { type: "joy", metrics },
  eventId: randomUUID(),
});

export const transactionOf = (userId: string, amount = 80) => ({ userId, amount, eventId: randomUUID() });

type Life = {
  readonly emotions: number;
  readonly metrics: Metrics;
  readonly transactions: number;
  readonly amount: number;
};

/** Good for an approval. */
export const CALM_LIFE: Life = { emotions: 4, metrics: CALM, transactions: 12, amount: 80 };
/** Too risky. */
export const TROUBLED_LIFE: Life = { emotions: 12, metrics: DISTRESSED, transactions: 1, amount: 2 };

/** Sends a person's telemetry as the person, and waits until all of it is in the daily summaries. */
export const live = async (person: Person, life: Partial<Life>): Promise<void> => {
  const { emotions, metrics, transactions, amount } = { ...CALM_LIFE, emotions: 0, transactions: 0, ...life };
  const answers: Answer[] = [];
  for (let n = 0; n < emotions; n++)
    answers.push(
      await send("POST", "/v1/emotions/stream", { token: person.token, json: emotionOf(person.id, metrics) }),
    );
  for (let n = 0; n < transactions; n++)
    answers.push(
      await send("POST", "/v1/transactions", { token: person.token, json: transactionOf(person.id, amount) }),
    );
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  await untilSummarised(person.id, { emotions, transactions });
};

/** Waits until the summaries hold exactly so many events of a user that had none. */
export const untilSummarised = (
  userId: string,
  expected: { emotions: number; transactions: number },
): Promise<boolean> =>
  until(
    async () => {
      const [counts] = await sql()<{ emotions: number; transactions: number }[]>`
        select
          (select coalesce(sum(event_count), 0)::int from emotional_events_summary where user_id = ${userId}) as emotions,
          (select coalesce(sum(transaction_count), 0)::int from transactions_summary where user_id = ${userId}) as transactions`;
      return counts?.emotions === expected.emotions && counts.transactions === expected.transactions;
    },
    { what: `the summaries of ${userId} with ${JSON.stringify(expected)}` },
  );
