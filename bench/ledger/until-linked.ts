import { setTimeout } from "node:timers/promises";
import type { Sql } from "../../platform/database/connect.ts";

const ASK_EVERY_MS = 1_000;

/** Waits for the hash chain: linking goes on after the last transfer, and would take from whatever is measured then. */
export const untilLinked = async (sql: Sql): Promise<void> => {
  while (!(await allLinked(sql))) await setTimeout(ASK_EVERY_MS);
};

const allLinked = async (sql: Sql): Promise<boolean> => {
  const [row] = await sql<{ linked: boolean }[]>`
    select not exists (
      select from ledger_records as r
      where r.xid::text::bigint >= l.last_xid::text::bigint
        and (r.xid, r.subject, r.number) > (l.last_xid, l.last_subject, l.last_id)
    ) as linked
    from ledger_chain as l order by l.link desc limit 1`;
  return row?.linked ?? false;
};
