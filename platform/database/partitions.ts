import type { Queryable, Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/** A table partitioned by month of `occurred_at`, and the table that holds its rows' identities. */
export type PartitionedTable = { parent: string; identities: string };

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
 * Drops the partitions that lie wholly before `cutoff`, and what is that old in the default partition. Identities go
 * first, together with their rows, in bounded batches, so that no lock is held for long; broken off half-way, the
 * next call goes on. One process at a time does it: each step is a transaction that takes the lock or leaves the rest
 * to whoever has it. Returns the names of what was dropped.
 */
export const dropOldPartitions = async (
  sql: Sql,
  table: PartitionedTable,
  cutoff: Date,
): Promise<string[]> => {
  const dropped: string[] = [];
  if (!(await emptyUntil(sql, table, `${table.parent}_default`, cutoff))) return dropped;
  for (const name of await partitionsBefore(sql, table.parent, cutoff)) {
    if (!(await emptyUntil(sql, table, name, cutoff))) return dropped;
    if (await dropPartition(sql, table, name)) dropped.push(name);
  }
  return dropped;
};

const tryLock = async (tx: Queryable, { parent }: PartitionedTable): Promise<boolean> => {
  const [lock] = await tx<{ mine: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('drop_old_partitions'), hashtext(${parent})) as mine`;
  return lock?.mine === true;
};

const dropPartition = (sql: Sql, table: PartitionedTable, name: string): Promise<boolean> =>
  inTransaction(sql, async (tx) => {
    if (!(await tryLock(tx, table))) return false;
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

/** False when another process is at it. */
const emptyUntil = async (
  sql: Sql,
  table: PartitionedTable,
  partition: string,
  cutoff: Date,
): Promise<boolean> => {
  for (;;) {
    const removed = await inTransaction(sql, async (tx) =>
      (await tryLock(tx, table)) ? removeBatch(tx, table, partition, cutoff) : undefined,
    );
    if (removed === undefined) return false;
    if (removed < DELETE_BATCH) return true;
  }
};

const removeBatch = async (
  tx: Queryable,
  table: PartitionedTable,
  partition: string,
  cutoff: Date,
): Promise<number> => {
  // Its partition may have been dropped by whoever had the lock before.
  const [there] = await tx`select 1 where to_regclass(${partition}) is not null`;
  if (!there) return 0;
  const [row] = await tx<{ removed: number }[]>`
    with old as (
      select ctid from ${tx(partition)} where occurred_at < ${cutoff.toISOString()}::text::timestamptz limit ${DELETE_BATCH}
    ), removed as (
      delete from ${tx(partition)} as event using old where event.ctid = old.ctid
      returning event.user_id, event.event_id
    ), forgotten as (
      delete from ${tx(table.identities)} as identity using removed
      where identity.user_id = removed.user_id and identity.event_id = removed.event_id
    )
    select count(*)::int as removed from removed`;
  return row?.removed ?? 0;
};
