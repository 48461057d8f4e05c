import pino from "pino";
import { expect, test, vi } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startTcpProxy } from "../../tests/harness/tcp-proxy.ts";
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

test("a server that is gone without a word is waited for a little longer than a statement may take, then asked anew", async () => {
  await using database = await freshDatabase();
  const url = new URL(database.url);
  await using link = await startTcpProxy(Number(url.port));
  url.port = String(link.port);
  const options = { url: url.href, name: "silence-test", max: 1, statementTimeoutMs: 600 };
  const sql = connectDatabase(options, pino({ level: "silent" }));
  try {
    // One that the server answers is not taken for silence, however long it takes.
    await expect(sql`select pg_sleep(600)`.execute()).rejects.toMatchObject({ code: "57014" });
    link.set("silent");
    await expect(sql`select 1`.execute()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    link.set("open");
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  } finally {
    await closeDatabase(sql);
  }
});
