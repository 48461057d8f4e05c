import type { Handler, Outcome } from "../../platform/messaging/outcome.ts";
import { distinctByIdentity } from "./distinct-by-identity.ts";
import type { Distinct } from "./distinct-by-identity.ts";
import type { CountIntake } from "./intake-metrics.ts";
import { outcomesOf, toReceivedKeys } from "./outcomes-of.ts";
import type { ReceivedKeys } from "./outcomes-of.ts";
import { createStoreBatch } from "./store-batch.ts";
import type { BatchWriting, Sized } from "./store-batch.ts";

export type Persisting<Event, Rows extends Sized> = BatchWriting<Rows> & {
  /** The events as the statement takes them. */
  toRows: (batch: Distinct<Event>) => Rows;
  count: CountIntake;
};

/**
 * Makes the handler that persists telemetry: what is new once, however often it comes.
 *
 * While the database writes, nothing of an event is held but the statement's parameters, which are a few large texts
 * and stay where they are when new objects are collected. The events would be copied twice meanwhile: 0.5 to 1 µs of
 * the worker's CPU for each. A function that is handed them must not be async, for that keeps its parameters.
 */
export const createPersistBatch = <Event extends { userId: string; eventId: string }, Rows extends Sized>({
  toRows,
  count,
  ...writing
}: Persisting<Event, Rows>): Handler<Event> => {
  const store = createStoreBatch<Rows>(writing);
  const persist = async (rows: Rows, received: ReceivedKeys): Promise<Outcome[]> => {
    const stored = await store(rows);
    count({ inserted: stored.inserted, received: received.count });
    return outcomesOf(received, stored);
  };
  return (events) => {
    const batch = distinctByIdentity(events);
    return persist(toRows(batch), toReceivedKeys(batch.received));
  };
};
