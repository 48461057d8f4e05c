import type { Sql } from "postgres";
import type { SentEvent } from "./event-ledger.ts";

/** Where the database differs from the client's ledger; each list is of what is wrong, with ids. */
export type EventAccount = {
  /** Acknowledged and not there. */
  lost: string[];
  /** There more than once. */
  doubled: string[];
  /** There, of these users, and never sent. */
  uninvited: string[];
  /** There with another value than was sent. */
  distorted: string[];
  /** A day's summary that is not what its raw events add up to. */
  wrongSummaries: string[];
};

export const CLEAN: EventAccount = {
  lost: [],
  doubled: [],
  uninvited: [],
  distorted: [],
  wrongSummaries: [],
};

type Row = { user_id: string; event_id: string; value: number };

/** Compares everything that is stored of these users with what was sent of them. */
export const accountForEvents = async (
  sql: Sql,
  users: readonly string[],
  events: readonly SentEvent[],
): Promise<EventAccount> => {
  const emotions = await sql<Row[]>`
    select user_id, event_id, positivity::float8 as value from emotion_events where user_id in ${sql(users)}`;
  const transactions = await sql<Row[]>`
    select user_id, event_id, amount::float8 as value from transactions where user_id in ${sql(users)}`;
  const stored = [...emotions.map(keyed("emotion")), ...transactions.map(keyed("transaction"))];

  const sent = new Map(events.map((event) => [keyOf(event.kind, event.userId, event.eventId), event]));
  const seen = new Set<string>();
  const account: EventAccount = { ...CLEAN, doubled: [], uninvited: [], distorted: [] };
  for (const { key, value } of stored) {
    if (seen.has(key)) account.doubled.push(key);
    seen.add(key);
    const event = sent.get(key);
    if (!event) account.uninvited.push(key);
    else if (event.value !== value) account.distorted.push(`${key}: sent ${event.value}, stored ${value}`);
  }
  account.lost = [...sent].filter(([key, event]) => event.acknowledged && !seen.has(key)).map(([key]) => key);
  account.wrongSummaries = await wrongSummaries(sql, users);
  return account;
};

const keyOf = (kind: string, userId: string, eventId: string): string => `${kind} ${userId} ${eventId}`;

const keyed = (kind: string) => (row: Row) => ({
  key: keyOf(kind, row.user_id, row.event_id),
  value: row.value,
});

// One statement each, so that raw events and summaries are of the same moment.
const wrongSummaries = async (sql: Sql, users: readonly string[]): Promise<string[]> => {
  const emotions = await sql<{ wrong: string }[]>`
    with recomputed as (
      select user_id, (occurred_at at time zone 'UTC')::date as day, count(*) as event_count,
        count(*) filter (where stress_level >= 0.7) as high_stress_count, sum(positivity) as positivity_sum,
        sum(intensity) as intensity_sum, sum(stress_level) as stress_sum
      from emotion_events where user_id in ${sql(users)} group by 1, 2
    ), stored as (
      select user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum
      from emotional_events_summary where user_id in ${sql(users)}
    )
    select 'emotions: stored ' || coalesce(s::text, 'nothing') || ', recomputed ' || coalesce(r::text, 'nothing') as wrong
    from stored s full join recomputed r using (user_id, day)
    where (s.event_count, s.high_stress_count, s.positivity_sum, s.intensity_sum, s.stress_sum)
      is distinct from (r.event_count, r.high_stress_count, r.positivity_sum, r.intensity_sum, r.stress_sum)`;
  const transactions = await sql<{ wrong: string }[]>`
    with recomputed as (
      select user_id, (occurred_at at time zone 'UTC')::date as day, currency,
        count(*) as transaction_count, sum(amount) as amount_sum
      from transactions where user_id in ${sql(users)} group by 1, 2, 3
    ), stored as (
      select user_id, day, currency, transaction_count, amount_sum
      from transactions_summary where user_id in ${sql(users)}
    )
    select 'transactions: stored ' || coalesce(s::text, 'nothing') || ', recomputed ' || coalesce(r::text, 'nothing') as wrong
    from stored s full join recomputed r using (user_id, day, currency)
    where (s.transaction_count, s.amount_sum) is distinct from (r.transaction_count, r.amount_sum)`;
  return [...emotions, ...transactions].map(({ wrong }) => wrong);
};
