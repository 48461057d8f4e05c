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

/** A pool of one connection over a link, which can fall silent. */
const linked = async (statementTimeoutMs: number) => {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase());
  const url = new URL(database.url);
  const link = stack.use(await startTcpProxy(Number(url.port)));
  url.port = String(link.port);
  const options = { url: url.href, name: "silence-test", max: 1, statementTimeoutMs };
  const sql = connectDatabase(options, pino({ level: "silent" }));
  stack.defer(() => closeDatabase(sql));
  return { sql, link, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

test("a server that is gone without a word is waited for a little longer than a statement may take, then asked anew", async () => {
  await using it = await linked(600);
  expect(await until(() => it.sql`select 1 as one`)).toEqual([{ one: 1 }]);
  it.link.set("silent");
  await expect(it.sql`select 1`.execute()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  it.link.set("open");
  expect(await until(() => it.sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test("one that the server answers is not taken for silence, however long it takes", async () => {
  // A sixth of this is what a busy machine may take to tell that it was cancelled.
  await using it = await linked(3_000);
  await expect(it.sql`select pg_sleep(600)`.execute()).rejects.toMatchObject({ code: "57014" });
});
