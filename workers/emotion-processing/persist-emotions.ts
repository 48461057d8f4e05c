import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import { distinctByIdentity } from "../distinct-by-identity.ts";
import type { CountIntake } from "../intake-metrics.ts";
import { outcomesOf } from "../outcomes-of.ts";
import { createStoreBatch } from "../store-batch.ts";
import { insertEmotions, insertNewEmotions } from "./sql/insert-emotions.ts";

export type PersistEmotionsDeps = { sql: Sql; count: CountIntake; highStressThreshold: number };

/** Persists emotions; an event that is there already changes nothing. */
export const persistEmotions = ({
  sql,
  count,
  highStressThreshold,
}: PersistEmotionsDeps): Handler<EmotionEvent> => {
  const store = createStoreBatch<EmotionEvent>({
    allNew: (batch) => insertNewEmotions(sql, batch, highStressThreshold),
    unlessKnown: (batch) => insertEmotions(sql, batch, highStressThreshold),
  });
  return async (events) => {
    const stored = await store(distinctByIdentity(events));
    count({ inserted: stored.inserted, received: events.length });
    return outcomesOf(events, stored);
  };
};
