import type { Queryable } from "../../../platform/database/connect.ts";
import type { Change } from "../model/change.ts";
import { problems } from "../model/statuses.ts";
import type { Answer } from "./post.ts";

/** Has the database change an account, as somebody who has seen its version, or the one before, or who does not ask. */
export const changeAccount = async (sql: Queryable, change: Change): Promise<Answer[]> => {
  const [present] = await sql<{ version: string }[]>`
    select a.version + coalesce(sum(b.version), 0) as version
    from ledger_accounts as a left join ledger_sub_balances as b on b.account_id = a.id
    where a.id = ${change.account} group by a.id`;
  const version = BigInt(present?.version ?? 1) - (change.seen === "past" ? 1n : 0n);
  const expected = change.seen === "any" ? null : version.toString();
  return sql<Answer[]>`
    select status, body, false as replayed from ledger_change_account(
      ${change.account}::uuid, ${expected}::bigint, ${change.limit}::numeric, ${change.status}::text,
      'test', 'a test', '/test', 'test', ${problems}
    )`;
};
