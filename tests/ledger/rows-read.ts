import type { Queryable, Sql } from "../../platform/database/connect.ts";

/**
 * How many rows of a table something reads, whichever way, with plans that know none of its parameters: the last of
 * what PostgreSQL may come to use for a statement that is sent again and again.
 */
export const rowsRead = (
  sql: Sql,
  table: string,
  run: (tx: Queryable) => Promise<unknown>,
): Promise<number> =>
  sql.begin(async (tx) => {
    await tx`set local plan_cache_mode = force_generic_plan`;
    const before = await countReads(tx, table);
    await run(tx);
    return (await countReads(tx, table)) - before;
  }) as Promise<number>;

const countReads = async (sql: Queryable, table: string): Promise<number> => {
  const [row] = await sql<{ reads: number }[]>`
    select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as reads
    from pg_stat_xact_user_tables where relname = ${table}`;
  return row!.reads;
};
