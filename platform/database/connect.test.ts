import pino from "pino";
import { expect, test, vi } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { closeDatabase, connectDatabase } from "./connect.ts";

test("a pool is ended within half a second, though a statement is under way", async () => {
  await using database = await freshDatabase();
  const sql = connectDatabase({ url: database.url, name: "ended-test" }, pino({ level: "silent" }));
  const asked = expect(sql`select pg_sleep(600)`.execute()).rejects.toMatchObject({
    code: "CONNECTION_DESTROYED",
  });
  await until(
    async () =>
      (
        await database.sql`
          select from pg_stat_activity where application_name = 'ended-test' and wait_event = 'PgSleep'`
      ).length > 0,
  );

  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    const ended = vi.fn();
    const ending = closeDatabase(sql).then(ended);
    await vi.advanceTimersByTimeAsync(499);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await ending;
  } finally {
    vi.useRealTimers();
  }
  await asked;
});
