import { plainArray, textArray } from "../../../platform/database/array-literal.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import { identityKey } from "../../telemetry/identity-key.ts";

type Identity = { userId: string; eventId: string };

/** The identities, as one text each, that the table does not hold. */
export const missingIdentities = async (
  sql: Queryable,
  table: "emotion_event_identities" | "transaction_identities",
  events: readonly Identity[],
): Promise<string[]> => {
  const rows = await sql<{ identity: string }[]>`
    select input.user_id || ' ' || input.event_id as identity
    from unnest(
      ${plainArray(events.map((event) => identityKey(event.userId, event.eventId)))}::uuid[],
      ${plainArray(events.map((event) => event.userId))}::uuid[],
      ${textArray(events.map((event) => event.eventId))}::text[]
    ) as input (id, user_id, event_id)
    where not exists (select from ${sql(table)} as known where known.id = input.id offset 0)
      and not exists (select from ${sql(`${table}_before`)} as known where known.id = input.id offset 0)`;
  return rows.map(({ identity }) => identity);
};

/** The offers among these that are accepted and still wait for their activation. */
export const unactivatedOffers = async (sql: Queryable, offerIds: readonly string[]): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    select id from credit_limits where status = 'accepted' and id = any(${textArray(offerIds)}::uuid[])`;
  return rows.map(({ id }) => id);
};
