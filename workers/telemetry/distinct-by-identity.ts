import { identityKey } from "./identity-key.ts";

/** Events of which no two are the same, and their identities' keys, side by side. */
export type Distinct<Event> = {
  events: readonly Event[];
  keys: readonly string[];
  /** The keys of all that came, repeats included, in their order. */
  received: readonly string[];
};

/** Events with each (user, event id) once, the first one staying; user ids in lower case, as the database has them. */
export const distinctByIdentity = <Event extends { userId: string; eventId: string }>(
  events: readonly Event[],
): Distinct<Event> => {
  const received = events.map((event) => identityKey(event.userId, event.eventId));
  const keys = [...new Set(received)];
  if (keys.length === events.length) return { events, keys, received };
  const left = new Set(keys);
  return { events: events.filter((_, index) => left.delete(received[index]!)), keys, received };
};
