import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/**
 * Has a table take the place of its `_before`, which is dropped, and begins it anew, if it has been written for
 * `keepMs`; so what is in the two is kept for at least that long, and at most for twice as long. One process at a
 * time does it; whoever writes or reads meanwhile waits for a moment. Returns whether it turned.
 */
export const turnTable = (sql: Sql, name: string, keepMs: number): Promise<boolean> =>
  inTransaction(sql, async (tx) => {
    // Every writer waits behind us while we wait: give up soon, and try at the next round.
    await tx`set local lock_timeout = '2s'`;
    const [row] = await tx<{ turned: boolean }[]>`
      select turn_table(${name}, make_interval(secs => ${keepMs / 1000}::float8)) as turned`;
    return row?.turned === true;
  });
