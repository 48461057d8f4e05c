/** Tells repeats of a (user id, event id) within one request. */
export const createSeenIdentities = () => {
  const byUser = new Map<string, Set<string>>();
  return {
    /** False when it was there before. */
    add: (userId: string, eventId: string): boolean => {
      const known = byUser.get(userId);
      if (!known) {
        byUser.set(userId, new Set([eventId]));
        return true;
      }
      const before = known.size;
      return known.add(eventId).size > before;
    },
  };
};
