import type { Fragment, Sql } from "../../platform/database/connect.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import { HIGH_STRESS_THRESHOLD } from "../../contracts/events/emotion-event.ts";

export const EVENTS_PER_PERSON = 500;

/**
 * Stores so many emotion events of the last thirty days, with the identities and daily totals that the worker would
 * have made of them, for as many people as have 500 each; returns the ids of the first few. Ids ascend, and each
 * person's events are made in the order of their time, because ten million rows in no order would take minutes.
 * @param sql two connections or more: it works in two halves at a time
 */
export const storeHistory = async (sql: Sql, events: number, asked: number): Promise<string[]> => {
  const people = Math.max(asked, Math.ceil(events / EVENTS_PER_PERSON));
  const each = Math.floor(events / people);
  const rows = await sql<{ id: string }[]>`
    insert into users (id, email, password_hash)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
      'bench-' || number || '@example.com', 'none'
    from generate_series(1, ${people}::int) as number
    returning id`;
  const middle = rows[Math.floor(people / 2)]!.id;
  await Promise.all([
    storeEvents(sql, each, sql`id < ${middle}`),
    storeEvents(sql, each, sql`id >= ${middle}`),
  ]);
  await Promise.all([storeIdentities(sql), storeTotals(sql)]);
  await sql`analyze users, emotion_events, emotion_event_identities, emotional_events_summary, transactions_summary`;
  return rows.slice(0, asked).map(({ id }) => id);
};

const storeEvents = async (sql: Sql, each: number, whose: Fragment): Promise<void> =>
  void (await sql`
    insert into emotion_events
      (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
    select u.id, 'event-' || number, 'calm', 0.7, 0.4, stress, at, at
    from (select id from users where ${whose} order by id) u, (
      select number, (number % 10) * 0.1 as stress,
        now() - interval '30 days' + number * interval '30 days' / ${each}::int as at
      from generate_series(1, ${each}::int) as number offset 0
    ) as event`);

// The key is made at the end, because ten million of them one by one would take minutes; as full as chance fills it.
const storeIdentities = async (sql: Sql): Promise<void> =>
  sql.begin(async (tx) => {
    await tx`set local maintenance_work_mem = '512MB'`;
    await tx`alter table emotion_event_identities drop constraint emotion_event_identities_key`;
    await tx`
      insert into emotion_event_identities (id) select event_identity(user_id, event_id) from emotion_events`;
    await tx`
      alter table emotion_event_identities
        add constraint emotion_event_identities_key primary key (id) with (fillfactor = 70)`;
  });

const storeTotals = async (sql: Sql): Promise<void> => {
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
};
