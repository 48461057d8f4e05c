import type { Sql } from "../../platform/database/connect.ts";

const SPAN_SECONDS = 25 * 86_400;
const AT_ONCE = 500_000;

/**
 * Stores made-up emotions number `from` (exclusive) to `to`, as workers would have: rows, identities and totals,
 * of so many people within the last 25 days.
 */
export const storeEvents = async (sql: Sql, from: number, to: number, people: number): Promise<void> => {
  for (let begin = from; begin < to; begin += AT_ONCE) {
    const end = Math.min(begin + AT_ONCE, to);
    await sql.begin(async (tx) => {
      await tx`
        create temporary table made on commit drop as
        select
          md5('person ' || n % ${people}::bigint)::uuid as user_id, 'stored-' || n as event_id,
          now() - (n * 7919 % ${SPAN_SECONDS}::bigint) * interval '1 second' as occurred_at
        from generate_series(${begin + 1}::bigint, ${end}::bigint) as n`;
      await tx`
        insert into emotion_event_identities (id) select event_identity(user_id, event_id) from made order by 1`;
      await tx`
        insert into emotion_events
          (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
        select user_id, event_id, 'calm', 0.5, 0.25, 0.75, occurred_at, now() from made order by user_id`;
      await tx`
        insert into emotional_events_summary as total
          (user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum)
        select
          user_id, (occurred_at at time zone 'UTC')::date as day, count(*), count(*),
          0.5 * count(*), 0.25 * count(*), 0.75 * count(*)
        from made group by user_id, day order by user_id, day
        on conflict (user_id, day) do update set
          event_count = total.event_count + excluded.event_count,
          high_stress_count = total.high_stress_count + excluded.high_stress_count,
          positivity_sum = total.positivity_sum + excluded.positivity_sum,
          intensity_sum = total.intensity_sum + excluded.intensity_sum,
          stress_sum = total.stress_sum + excluded.stress_sum`;
    });
  }
  await sql`vacuum analyze emotion_event_identities, emotional_events_summary`;
  await sql`vacuum analyze emotion_events`;
};
