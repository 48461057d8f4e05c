/** Events with each (user, event id) once, the first one staying; user ids in lower case, as the database has them. */
export const distinctByIdentity = <Event extends { userId: string; eventId: string }>(
  events: readonly Event[],
): Event[] => {
  const seen = new Set<string>();
  return events.filter(({ userId, eventId }) => {
    const identity = userId.toLowerCase() + eventId;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
};
