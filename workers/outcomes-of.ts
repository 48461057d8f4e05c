import { done, doneBefore } from "../platform/messaging/outcome.ts";
import type { Outcome } from "../platform/messaging/outcome.ts";
import { identityKey } from "./identity-key.ts";

/** What a batch's statement did: how many events were new; and which, by their keys, unless all of them were. */
export type Inserted = { inserted: number; fresh: ReadonlySet<string> | undefined };

/** A row of that statement. */
export type InsertedRow = { inserted: number; fresh: string | null };

export const insertedFrom = (row: InsertedRow | undefined): Inserted => {
  if (!row || row.inserted === 0) return { inserted: 0, fresh: new Set() };
  return { inserted: row.inserted, fresh: row.fresh === null ? undefined : new Set(row.fresh.split(",")) };
};

/** Everything is done; what was stored before, or repeats an event of the batch, is known. */
export const outcomesOf = (
  events: readonly { userId: string; eventId: string }[],
  { inserted, fresh }: Inserted,
): Outcome[] => {
  if (inserted === events.length) return events.map(() => done);
  const seen = new Set<string>();
  return events.map(({ userId, eventId }) => {
    const key = identityKey(userId, eventId);
    if (seen.has(key) || fresh?.has(key) === false) return doneBefore;
    seen.add(key);
    return done;
  });
};
