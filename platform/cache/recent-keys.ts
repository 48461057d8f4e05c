import { makeRoom } from "./make-room.ts";

export type RecentKeys = { has: (key: string) => boolean; add: (key: string) => void };

/** The keys that were added last, so many at most. */
export const createRecentKeys = (most: number): RecentKeys => {
  const keys = new Set<string>();
  return {
    has: (key) => keys.has(key),
    add: (key) => {
      if (keys.has(key)) return;
      makeRoom(keys, most);
      keys.add(key);
    },
  };
};
