import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { dropOldPartitions, ensurePartitions } from "./partitions.ts";

const PARENT = "emotion_events";

test("old partitions go, younger ones stay, and several processes may try at once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await ensurePartitions(sql, PARENT, new Date("2020-01-15"), new Date("2020-03-01"));
  const insert = async (eventId: string, at: string): Promise<void> => {
    const user = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
    await sql`
      insert into emotion_events (user_id, event_id, type, positivity, intensity, stress_level, occurred_at, received_at)
      values (${user}::uuid, ${eventId}, 'joy', 0, 0, 0, ${at}::text::timestamptz, now())`;
  };
  await insert("stray", "2019-06-01T00:00:00Z");
  await insert("january", "2020-01-31T23:59:59Z");
  await insert("february", "2020-02-01T00:00:00Z");
  const cutoff = new Date("2020-02-20T00:00:00Z");
  const dropped = await Promise.all([
    dropOldPartitions(sql, PARENT, cutoff),
    dropOldPartitions(sql, PARENT, cutoff),
  ]);
  expect(dropped.flat()).toEqual(["emotion_events_2020_01"]);
  expect(await sql`select event_id from emotion_events`).toEqual([{ event_id: "february" }]);
});

test("partitions made late take over what waited in the default one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    insert into transactions (user_id, event_id, amount, currency, occurred_at, received_at)
    values (gen_random_uuid(), 'a', 1, 'USD', '2031-05-05T00:00:00Z', now())`;
  const spans = await Promise.all(
    [1, 2, 3].map(() =>
      ensurePartitions(sql, "transactions", new Date("2031-05-01"), new Date("2031-06-30")),
    ),
  );
  expect(spans.reduce((sum, made) => sum + made)).toBe(2);
  const [row] = await sql`select tableoid::regclass::text as name from transactions`;
  expect(row).toEqual({ name: "transactions_2031_05" });
});

test("a connection lost while old partitions are dropped fails that round only", async () => {
  await using database = await freshDatabase({ max: 2 });
  const { sql } = database;
  await ensurePartitions(sql, PARENT, new Date("2020-01-15"), new Date("2020-01-16"));
  const cutoff = new Date("2020-02-20T00:00:00Z");
  await sql.begin(async (tx) => {
    await tx`lock table emotion_events_2020_01 in access exclusive mode`;
    const failing = expect(dropOldPartitions(sql, PARENT, cutoff)).rejects.toMatchObject({
      code: expect.stringMatching(/^(CONNECTION_CLOSED|57P01)$/),
    });
    await until(async () => {
      // A transaction goes on seeing the activity that it saw first.
      await tx`select pg_stat_clear_snapshot()`;
      const ended = await tx`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return ended.length > 0;
    });
    await failing;
  });
  // The driver hands the server's farewell to one more statement.
  const dropped = await until(() => dropOldPartitions(sql, PARENT, cutoff));
  expect(dropped).toEqual(["emotion_events_2020_01"]);
});
