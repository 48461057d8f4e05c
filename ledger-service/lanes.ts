import type { Logger } from "pino";
import { connectDatabase, type DatabaseOptions, type Sql } from "../platform/database/connect.ts";

/** Connections that batches have to themselves. */
export type Lanes = {
  readonly sql: Sql;
  /** Most batches that are sent before the first of them is answered. */
  readonly batches: number;
};

// PostgreSQL takes what comes on one connection in its order, and begins the second batch the moment it has committed
// the first, instead of waiting for the answer to be read and another batch to be put together.
const BATCHES_A_LANE = 2;

/**
 * Of their own, since the connections of a pool take turns, and one that has just posted is quicker at the next batch
 * than one whose plans and tables others have pushed out of the processor's caches.
 */
export const openLanes = (count: number, options: Omit<DatabaseOptions, "max">, logger: Logger): Lanes => ({
  sql: connectDatabase({ ...options, max: count }, logger),
  batches: count * BATCHES_A_LANE,
});
