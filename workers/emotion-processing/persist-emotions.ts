import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import type { CountIntake } from "../telemetry/intake-metrics.ts";
import { createPersistBatch } from "../telemetry/persist-batch.ts";
import { insertEmotions, insertNewEmotions, toEmotionRows } from "./sql/insert-emotions.ts";

export type PersistEmotionsDeps = { sql: Sql; count: CountIntake; highStressThreshold: number };

/** Persists emotions; an event that is there already changes nothing. */
export const persistEmotions = ({
  sql,
  count,
  highStressThreshold,
}: PersistEmotionsDeps): Handler<EmotionEvent> =>
  createPersistBatch({
    toRows: toEmotionRows,
    allNew: (rows) => insertNewEmotions(sql, rows, highStressThreshold),
    unlessKnown: (rows) => insertEmotions(sql, rows, highStressThreshold),
    count,
  });
