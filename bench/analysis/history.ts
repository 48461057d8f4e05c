import type { Sql } from "../../platform/database/connect.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import { HIGH_STRESS_THRESHOLD } from "../../contracts/events/emotion-event.ts";

export const EVENTS_PER_PERSON = 500;

/**
 * Stores so many emotion events of the last thirty days, with the daily totals that the worker would have made of
 * them, for as many people as have 500 each; returns the ids of the first few. Ids ascend, and each person's events
 * are made in the order of their time, because ten million rows in no order would take minutes.
 */
export const storeHistory = async (sql: Sql, events: number, asked: number): Promise<string[]> => {
  const people = Math.max(asked, Math.ceil(events / EVENTS_PER_PERSON));
  const rows = await sql<{ id: string }[]>`
    insert into users (id, email, password_hash)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
      'bench-' || number || '@example.com', 'none'
    from generate_series(1, ${people}::int) as number
    returning id`;
  await sql`
    insert into emotion_events
      (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
    select u.id, 'event-' || number, 'calm', 0.7, 0.4, (number % 10) * 0.1, at, at
    from (select id from users order by id) u,
      generate_series(1, ${Math.floor(events / people)}::int) as number,
      lateral (select now() - interval '30 days' + number * interval '30 days' / ${Math.floor(events / people)}::int as at) t`;
  await sql`
    insert into emotional_events_summary
      (user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum)
    select user_id, (occurred_at at time zone 'UTC')::date, count(*),
      count(*) filter (where stress_level >= ${HIGH_STRESS_THRESHOLD}::numeric),
      sum(positivity), sum(intensity), sum(stress_level)
    from emotion_events group by 1, 2`;
  await sql`
    insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
    select id, current_date - back, ${DEFAULT_CURRENCY}, 3, 145.5 from users, generate_series(0, 29) as back`;
  await sql`analyze users, emotion_events, emotional_events_summary, transactions_summary`;
  return rows.slice(0, asked).map(({ id }) => id);
};
