import type { Broker } from "../../platform/messaging/connect.ts";
import { emotionProcessing } from "../persist/kinds.ts";
import type { Context, WarmSide } from "../bench.ts";
import { drainSide } from "../growth/drain-side.ts";
import { untilDiskIsQuiet } from "../measure/quiet-disk.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Lent } from "../system/lender.ts";
import type { Filled } from "./filled.ts";

/** Whose events are persisted on top, the same number of people at each size. */
export const NEW_PEOPLE = 2_000;

/** One worker that persists further events into this database; they are taken out again after each round. */
export const persistSide = (
  { lender, plan }: Context,
  { events, label, postgres, sql }: Filled,
  { nats, broker }: { nats: Lent; broker: Broker },
): WarmSide => {
  const options = { count: plan.growthEvents, users: NEW_PEOPLE, seed: 17, spanMs: 6 * 3_600_000 };
  const drained = emotionProcessing.generate({ ...options, until: Date.now() });
  // COPY's rows begin with the person.
  const people = [...new Set(drained.map(({ row }) => row.slice(0, row.indexOf("\t"))))];
  const side = drainSide(
    { lender, postgres, nats, broker, sql, kind: emotionProcessing },
    {
      name: `persistence, ${label}`,
      workers: 1,
      lines: () => drained.map(({ line }) => line),
      stored: () => events,
    },
  );
  return {
    ...side,
    prepare: async (round) => {
      await takeOut(sql, people);
      await untilDiskIsQuiet();
      await side.prepare?.(round);
    },
  };
};

const takeOut = async (sql: Sql, people: readonly string[]): Promise<void> => {
  await sql`
    delete from emotion_event_identities where id in (
      select event_identity(user_id, event_id) from emotion_events where user_id = any (${people}::uuid[])
    )`;
  await sql`delete from emotion_events where user_id = any (${people}::uuid[])`;
  await sql`delete from emotional_events_summary where user_id = any (${people}::uuid[])`;
  await sql`vacuum emotion_event_identities, emotional_events_summary, emotion_events`;
};
