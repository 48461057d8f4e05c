import postgres from "postgres";
import { until } from "../../harness/until.ts";

const PERSISTING = ["emotion-processing-1", "transaction-processing-1"];

/**
 * Does something while every write of telemetry is held back and both workers wait with a batch in hand; reads go
 * on. Lets the writes go afterwards.
 */
export const whileWritesAreHeld = async (databaseUrl: string, act: () => Promise<void>): Promise<void> => {
  const holder = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const watcher = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const locked = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  // The server may be killed meanwhile, and the transaction with it.
  const holding = holder
    .begin(async (tx) => {
      await tx`lock table emotion_event_identities, transaction_identities in exclusive mode`;
      locked.resolve();
      await done.promise;
    })
    .catch(locked.reject);
  try {
    await locked.promise;
    await until(
      async () => {
        const waiting = await watcher`
          select distinct application_name from pg_stat_activity
          where wait_event_type = 'Lock' and application_name in ${watcher(PERSISTING)}`;
        return waiting.length === PERSISTING.length;
      },
      { what: "both workers waiting to write" },
    );
    await watcher.end();
    await act();
  } finally {
    done.resolve();
    await holding;
    await Promise.all([holder.end({ timeout: 1 }), watcher.end({ timeout: 1 })]);
  }
};
