import type { Queryable, Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

export const DAY_MS = 24 * 60 * 60 * 1_000;

const DELETE_BATCH = 5_000;

/** Makes the monthly partitions that cover the span, both ends included. Returns how many were made. */
export const ensurePartitions = async (
  sql: Queryable,
  parent: string,
  from: Date,
  to: Date,
): Promise<number> => {
  const [row] = await sql<{ made: number }[]>`
    select ensure_month_partitions(
      ${parent}::text::regclass, ${from.toISOString()}::text::date, ${to.toISOString()}::text::date
    ) as made`;
  return row?.made ?? 0;
};

/**
 * Drops the partitions of `parent`, by month of `occurred_at`, that lie wholly before `cutoff`; no row of theirs is
 * touched. What is that old in the default partition, where hardly anything ever is, is deleted in bounded batches.
 * One process at a time does it: each step is a transaction that takes the lock or leaves the rest to whoever has it.
 * Returns the names of what was dropped.
 */
export const dropOldPartitions = async (sql: Sql, parent: string, cutoff: Date): Promise<string[]> => {
  const dropped: string[] = [];
  for (const name of await partitionsBefore(sql, parent, cutoff)) {
    if (await dropPartition(sql, parent, name)) dropped.push(name);
  }
  await emptyDefault(sql, parent, cutoff);
  return dropped;
};

const tryLock = async (tx: Queryable, parent: string): Promise<boolean> => {
  const [lock] = await tx<{ mine: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('drop_old_partitions'), hashtext(${parent})) as mine`;
  return lock?.mine === true;
};

const dropPartition = (sql: Sql, parent: string, name: string): Promise<boolean> =>
  inTransaction(sql, async (tx) => {
    if (!(await tryLock(tx, parent))) return false;
    const [there] = await tx`select 1 where to_regclass(${name}) is not null`;
    if (!there) return false;
    // Waiting for the parent's lock would make every writer wait behind us: give up soon, and try at the next round.
    await tx`set local lock_timeout = '2s'`;
    await tx`drop table ${tx(name)}`;
    return true;
  });

// A partition is named after its month, as `emotion_events_2026_08`.
const partitionsBefore = async (sql: Sql, parent: string, cutoff: Date): Promise<string[]> => {
  const rows = await sql<{ name: string }[]>`
    select child.relname as name
    from pg_inherits
    join pg_class as child on child.oid = inhrelid
    where inhparent = ${parent}::text::regclass and child.relname ~ '_[0-9]{4}_[0-9]{2}$'
    order by child.relname`;
  return rows
    .map(({ name }) => name)
    .filter((name) => {
      const [year, month] = name.split("_").slice(-2).map(Number);
      // Months count from 0 here: this is the start of the next one.
      return Date.UTC(year ?? 0, month ?? 0, 1) <= cutoff.getTime();
    });
};

const emptyDefault = async (sql: Sql, parent: string, cutoff: Date): Promise<void> => {
  let removed: number;
  do {
    removed = await inTransaction(sql, async (tx) =>
      (await tryLock(tx, parent)) ? removeBatch(tx, `${parent}_default`, cutoff) : 0,
    );
  } while (removed === DELETE_BATCH);
};

const removeBatch = async (tx: Queryable, partition: string, cutoff: Date): Promise<number> => {
  const { count } = await tx`
    delete from ${tx(partition)}
    where ctid in (
      select ctid from ${tx(partition)} where occurred_at < ${cutoff.toISOString()}::text::timestamptz limit ${DELETE_BATCH}
    )`;
  return count;
};
