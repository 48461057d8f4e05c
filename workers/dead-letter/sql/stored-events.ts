import { subjects } from "../../../contracts/subjects.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import type { EventIdentity } from "../domain/read-identity.ts";

/** Whether an event of this identity has had its effect. Null where its subject keeps no identities. */
export const isStored = async (
  sql: Queryable,
  subject: string,
  { userId, eventId }: EventIdentity,
): Promise<boolean | null> => {
  if (userId === null || eventId === null) return null;
  const table = TABLES.get(subject);
  if (table === undefined) return null;
  const [row] = await sql<{ stored: boolean }[]>`
    select
      exists (select from ${sql(table)} where id = event_identity(${userId}::uuid, ${eventId}))
      or exists (select from ${sql(`${table}_before`)} where id = event_identity(${userId}::uuid, ${eventId}))
      as stored`;
  return row?.stored ?? null;
};

const TABLES = new Map<string, string>([
  [subjects.emotions, "emotion_event_identities"],
  [subjects.transactions, "transaction_identities"],
]);
