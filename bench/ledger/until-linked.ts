import { setTimeout } from "node:timers/promises";
import type { Sql } from "../../platform/database/connect.ts";

const ASK_EVERY_MS = 1_000;

/** Waits for the hash chain: linking goes on after the last transfer, and would take from whatever is measured then. */
export const untilLinked = async (sql: Sql): Promise<void> => {
  while (!(await allLinked(sql))) await setTimeout(ASK_EVERY_MS);
};

const allLinked = async (sql: Sql): Promise<boolean> => {
  const [row] = await sql<{ linked: boolean }[]>`
    select (select coalesce(sum(entries), 0) from ledger_chain)
      = (select 2 * count(*) from ledger_transfers where status = 'complete') as linked`;
  return row!.linked;
};
