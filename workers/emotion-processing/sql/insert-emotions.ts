import type { EmotionEvent } from "../../../contracts/events/emotion-event.ts";
import { plainArray, textArray } from "../../../platform/database/array-literal.ts";
import type { Fragment, Queryable } from "../../../platform/database/connect.ts";
import type { Distinct } from "../../telemetry/distinct-by-identity.ts";
import { insertedFrom } from "../../telemetry/outcomes-of.ts";
import type { Inserted, InsertedRow } from "../../telemetry/outcomes-of.ts";

/** Emotions as the statement takes them: an array literal for each column. */
export type EmotionRows = {
  count: number;
  ids: string;
  userIds: string;
  eventIds: string;
  types: string;
  positivities: string;
  intensities: string;
  stressLevels: string;
  timestamps: string;
  receivedAts: string;
};

export const toEmotionRows = ({ events, keys }: Distinct<EmotionEvent>): EmotionRows => {
  const metrics = events.map((event) => event.emotionEvent.metrics);
  return {
    count: events.length,
    ids: plainArray(keys),
    userIds: plainArray(events.map((event) => event.userId)),
    eventIds: textArray(events.map((event) => event.eventId)),
    types: textArray(events.map((event) => event.emotionEvent.type)),
    positivities: plainArray(metrics.map((metric) => metric.positivity)),
    intensities: plainArray(metrics.map((metric) => metric.intensity)),
    stressLevels: plainArray(metrics.map((metric) => metric.stress_level)),
    timestamps: plainArray(events.map((event) => event.timestamp)),
    receivedAts: plainArray(events.map((event) => event.receivedAt)),
  };
};

// Both ways of writing are one statement, and each (user, event id) must occur once in the batch. Locks are taken in
// one order everywhere, identities by their key, then days by (user, day), so that batches side by side wait for one
// another and never deadlock. Rows go in by the order of their index: 0.5 µs of PostgreSQL's CPU less an event.

/**
 * Persists a batch of which every event is new: identities, raw rows, and their days' totals. Returns how many were
 * inserted: 0, and nothing is changed, where the identities before hold one of them.
 * @throws a unique violation, and nothing is changed, where the identities hold one of them
 */
export const insertNewEmotions = async (
  sql: Queryable,
  rows: EmotionRows,
  highStressThreshold: number,
): Promise<number> => {
  const [row] = await sql<{ inserted: number }[]>`
    with input as (${unnested(sql, rows)}),
    identified as (
      insert into emotion_event_identities (id)
      select id from input
      where not exists (select from emotion_event_identities_before where id = any (array(select id from input)))
      order by id
      returning id
    ), stored as (
      insert into emotion_events
        (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
      select user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at from input
      where exists (select from identified)
      order by user_id, occurred_at
    ), merged as (
      ${mergeTotals(sql, sql`input where exists (select from identified)`, highStressThreshold)}
    )
    -- Because the statement itself reads them, identities are inserted before anything else.
    select count(*)::int as inserted from identified`;
  return row?.inserted ?? 0;
};

/** Persists those events of a batch that are new, in the same way. Returns which they were. */
export const insertEmotions = async (
  sql: Queryable,
  rows: EmotionRows,
  highStressThreshold: number,
): Promise<Inserted> => {
  const [row] = await sql<InsertedRow[]>`
    with input as (${unnested(sql, rows)}),
    identified as (
      insert into emotion_event_identities (id)
      select id from input
      where not exists (select from emotion_event_identities_before as known where known.id = input.id offset 0)
      order by id
      on conflict do nothing
      returning id
    ), fresh as (
      select input.* from input join identified using (id)
    ), stored as (
      insert into emotion_events
        (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
      select user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at from fresh
      order by user_id, occurred_at
    ), merged as (
      ${mergeTotals(sql, sql`fresh`, highStressThreshold)}
    )
    select
      count(*)::int as inserted,
      -- Which ones is looked at only where not all were new: the condition is a one-time filter.
      (
        select string_agg(encode(uuid_send(id), 'hex'), ',') from identified
        where (select count(*) from identified) < ${rows.count}
      ) as fresh
    from identified`;
  return insertedFrom(row);
};

const unnested = (sql: Queryable, rows: EmotionRows): Fragment => sql`
  select id, user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at
  from unnest(
    ${rows.ids}::uuid[],
    ${rows.userIds}::uuid[],
    ${rows.eventIds}::text[],
    ${rows.types}::text[],
    ${rows.positivities}::numeric[],
    ${rows.intensities}::numeric[],
    ${rows.stressLevels}::numeric[],
    ${rows.timestamps}::timestamptz[],
    ${rows.receivedAts}::timestamptz[]
  ) as event (id, user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)`;

const mergeTotals = (sql: Queryable, from: Fragment, highStressThreshold: number): Fragment => sql`
  insert into emotional_events_summary as total
    (user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum)
  select
    user_id,
    (occurred_at at time zone 'UTC')::date as day,
    count(*),
    count(*) filter (where stress_level >= ${String(highStressThreshold)}::numeric),
    sum(positivity),
    sum(intensity),
    sum(stress_level)
  from ${from}
  group by user_id, day
  order by user_id, day
  on conflict (user_id, day) do update set
    event_count = total.event_count + excluded.event_count,
    high_stress_count = total.high_stress_count + excluded.high_stress_count,
    positivity_sum = total.positivity_sum + excluded.positivity_sum,
    intensity_sum = total.intensity_sum + excluded.intensity_sum,
    stress_sum = total.stress_sum + excluded.stress_sum,
    updated_at = now()`;
