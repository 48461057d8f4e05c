import { identityKey } from "./identity-key.ts";

/** Events of which no two are the same, and their identities' keys, side by side. */
export type Distinct<Event> = { events: readonly Event[]; keys: readonly string[] };

/** Events with each (user, event id) once, the first one staying; user ids in lower case, as the database has them. */
export const distinctByIdentity = <Event extends { userId: string; eventId: string }>(
  events: readonly Event[],
): Distinct<Event> => {
  const byKey = new Map<string, Event>();
  for (const event of events) {
    const key = identityKey(event.userId, event.eventId);
    if (!byKey.has(key)) byKey.set(key, event);
  }
  return { events: [...byKey.values()], keys: [...byKey.keys()] };
};
