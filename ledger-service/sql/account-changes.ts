import type { Queryable } from "../../platform/database/connect.ts";

export type ChangeRow = {
  version: string;
  change: "opened" | "limit" | "status";
  status: "open" | "frozen" | "closed";
  /** A decimal; null of what is no credit line. */
  credit_limit: string | null;
  actor: string;
  reason: string | null;
  changed_at: string;
};

/** What was changed of an account, newest first, before the version given; along the primary key. */
export const listChanges = (
  sql: Queryable,
  { accountId, before, most }: { accountId: string; before: string | undefined; most: number },
): Promise<ChangeRow[]> => sql<ChangeRow[]>`
  select c.version, c.change, c.status, c.actor, c.reason, ledger_time(c.recorded_at) as changed_at,
    case when a.kind = 'credit_line' then ledger_decimal(c.credit_limit, a.exponent) end as credit_limit
  from ledger_account_changes as c
  join ledger_accounts as a on a.id = c.account_id
  where c.account_id = ${accountId}::uuid ${before === undefined ? sql`` : sql`and c.version < ${before}::bigint`}
  order by c.version desc
  limit ${most}`;
