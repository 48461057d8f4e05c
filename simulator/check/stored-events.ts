import type { TelemetryKind } from "../domain/telemetry.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Copies } from "./compare-events.ts";

type Row = { user_id: string; event_id: string; copies: number };

/** How often each event of these people is stored, raw. Read through the primary key (user_id, occurred_at, event_id). */
export const readStoredEvents = async (
  sql: Queryable,
  kind: TelemetryKind,
  userIds: readonly string[],
): Promise<Map<string, Copies>> => {
  const table = kind === "emotion" ? sql`emotion_events` : sql`transactions`;
  const rows = await sql<Row[]>`
    select user_id, event_id, count(*)::int as copies
    from ${table}
    where user_id = any(${userIds}::uuid[])
    group by user_id, event_id`;
  const stored = new Map(userIds.map((userId) => [userId, new Map<string, number>()]));
  for (const { user_id, event_id, copies } of rows) stored.get(user_id)?.set(event_id, copies);
  return stored;
};

/** People whose daily totals count another number of events than are stored. */
export const findWrongTotals = async (
  sql: Queryable,
  kind: TelemetryKind,
  userIds: readonly string[],
): Promise<string[]> => {
  const [raw, totals, count] =
    kind === "emotion"
      ? [sql`emotion_events`, sql`emotional_events_summary`, sql`event_count`]
      : [sql`transactions`, sql`transactions_summary`, sql`transaction_count`];
  const rows = await sql<{ user_id: string }[]>`
    with stored as (
      select user_id, count(*) as events from ${raw}
      where user_id = any(${userIds}::uuid[]) group by user_id
    ), summed as (
      select user_id, sum(${count}) as events from ${totals}
      where user_id = any(${userIds}::uuid[]) group by user_id
    )
    select user_id from stored full join summed using (user_id)
    where stored.events is distinct from summed.events
    order by user_id`;
  return rows.map(({ user_id }) => user_id);
};
