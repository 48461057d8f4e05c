import { setTimeout as sleep } from "node:timers/promises";
import type { Sql, TransactionSql } from "postgres";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { inTransaction } from "./transaction.ts";

const setUp = async () => {
  // One connection, so that its successor is the only one that anything else can run on.
  const database = await freshDatabase({ max: 1 });
  const killer = await freshDatabase({ max: 1 });
  await database.sql`create table notes (text text not null)`;
  return {
    sql: database.sql,
    killer: killer.sql,
    [Symbol.asyncDispose]: async () => {
      await killer[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
};

const pidOf = async (tx: TransactionSql): Promise<number> =>
  (await tx<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid;

const kill = async (killer: Sql, pid: number): Promise<void> => {
  await killer`select pg_terminate_backend(${pid})`;
  await until(async () => (await killer`select 1 from pg_stat_activity where pid = ${pid}`).length === 0);
};

const notes = async (sql: Sql): Promise<string[]> =>
  (await sql<{ text: string }[]>`select text from notes order by text`).map(({ text }) => text);

test("work that resolves is committed, work that throws is rolled back", async () => {
  await using env = await setUp();
  const result = await inTransaction(env.sql, async (tx) => {
    await tx`insert into notes values ('kept')`;
    return 7;
  });
  expect(result).toBe(7);
  const failing = inTransaction(env.sql, async (tx) => {
    await tx`insert into notes values ('undone')`;
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await notes(env.sql)).toEqual(["kept"]);
});

test("a server's refusal is thrown as it is, and the connection serves on", async () => {
  await using env = await setUp();
  const failing = inTransaction(env.sql, (tx) => Promise.all([tx`select 1/0`, tx`select 1`]));
  await expect(failing).rejects.toMatchObject({ code: "22012" });
  expect(await notes(env.sql)).toEqual([]);
});

test("a connection lost during a statement fails the transaction only: the process and the pool go on", async () => {
  await using env = await setUp();
  let killed: Promise<void> | undefined;
  const lost = inTransaction(env.sql, async (tx) => {
    await tx`insert into notes values ('undone')`;
    const pid = await pidOf(tx);
    killed = sleep(100).then(() => kill(env.killer, pid));
    await tx`select pg_sleep(20)`;
  });
  await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^(CONNECTION_CLOSED|57P01)$/) });
  await killed;
  // The driver hands the server's farewell to one more statement.
  expect(await until(() => notes(env.sql))).toEqual([]);
});

test("after a loss between statements nothing more of the transaction runs, on no connection", async () => {
  await using env = await setUp();
  let finished = false;
  const lost = inTransaction(env.sql, async (tx) => {
    await tx`insert into notes values ('undone')`;
    await kill(env.killer, await pidOf(tx));
    // The successor is there now, for whoever else asks.
    expect(await notes(env.sql)).toEqual([]);
    try {
      await tx`insert into notes values ('stray')`;
    } finally {
      finished = true;
    }
  });
  await expect(lost).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  // Not before the work has ended: the next attempt must not run beside it.
  expect(finished).toBe(true);
  expect(await notes(env.sql)).toEqual([]);
});
