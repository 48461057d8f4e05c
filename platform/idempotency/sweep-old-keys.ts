import type { Sql } from "../database/connect.ts";
import { inTransaction } from "../database/transaction.ts";

export type Swept = {
  readonly dropped: number;
  /** Of the table, in PostgreSQL's blocks of 8 kB. */
  readonly blocks: number;
  /** Whether the next piece is the first again. */
  readonly passed: boolean;
};

/**
 * Drops the keys older than so many hours from the next `blocks` of their table, and moves on; all processes share one
 * place. Returns nothing when another process is sweeping.
 */
export const sweepOldKeys = (sql: Sql, olderThanHours: number, blocks: number): Promise<Swept | undefined> =>
  inTransaction(sql, async (tx) => {
    const [place] = await tx<{ from: number; blocks: number }[]>`
      select next_block::float8 as from,
        (pg_relation_size('idempotency_keys') / current_setting('block_size')::int)::float8 as blocks
      from idempotency_sweep
      for update skip locked`;
    if (!place) return undefined;
    const to = place.from + blocks;
    const { count: dropped } = await tx`
      delete from idempotency_keys
      where ctid >= ${`(${place.from},0)`}::tid and ctid < ${`(${to},0)`}::tid
        and created_at < now() - make_interval(hours => ${olderThanHours}::int)`;
    const passed = to >= place.blocks;
    await tx`update idempotency_sweep set next_block = ${passed ? 0 : to}`;
    return { dropped, blocks: place.blocks, passed };
  });
