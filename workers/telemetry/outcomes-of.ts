import { done, doneBefore } from "../../platform/messaging/outcome.ts";
import type { Outcome } from "../../platform/messaging/outcome.ts";

/** What a batch's statement did: how many events were new; and which, by their keys, unless all of them were. */
export type Inserted = { inserted: number; fresh: ReadonlySet<string> | undefined };

/** A row of that statement. */
export type InsertedRow = { inserted: number; fresh: string | null };

export const insertedFrom = (row: InsertedRow | undefined): Inserted => {
  if (!row || row.inserted === 0) return { inserted: 0, fresh: new Set() };
  return { inserted: row.inserted, fresh: row.fresh === null ? undefined : new Set(row.fresh.split(",")) };
};

/** The keys of the events of a batch, in one text: as a list they would take six times as much to hold. */
export type ReceivedKeys = { count: number; text: string };

export const toReceivedKeys = (keys: readonly string[]): ReceivedKeys => ({
  count: keys.length,
  text: keys.join(","),
});

/** Everything is done; what was stored before, or repeats an event of the batch, is known. */
export const outcomesOf = (received: ReceivedKeys, { inserted, fresh }: Inserted): Outcome[] => {
  if (inserted === received.count) return Array.from({ length: inserted }, () => done);
  const seen = new Set<string>();
  return received.text.split(",").map((key) => {
    if (seen.has(key) || fresh?.has(key) === false) return doneBefore;
    seen.add(key);
    return done;
  });
};
