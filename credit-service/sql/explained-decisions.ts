import type { Queryable } from "../../platform/database/connect.ts";
import type { Position } from "../domain/cursor.ts";
import { type DecisionRow, decisionColumns } from "./decision-rows.ts";

export type ExplainedDecisionRow = DecisionRow & {
  user_id: string;
  /** `decided_at` with all its digits: a Date would cut them off, and a page would repeat rows. */
  position: string;
};

/**
 * A person's decisions, newest first, after a position; along credit_decisions_user_newest. The position's time goes
 * as text: the driver would cut a timestamp to milliseconds.
 */
export const readDecisions = (
  sql: Queryable,
  { userId, after, limit }: { userId: string; after: Position | undefined; limit: number },
): Promise<ExplainedDecisionRow[]> => sql<ExplainedDecisionRow[]>`
  ${explained(sql)}
  where d.user_id = ${userId}::uuid
    ${after ? sql`and (d.decided_at, d.id) < (${after.createdAt}::text::timestamptz, ${after.id}::uuid)` : sql``}
  order by d.decided_at desc, d.id desc
  limit ${limit}`;

/** One decision, whosever it is; by primary key. */
export const readDecision = async (
  sql: Queryable,
  decisionId: string,
): Promise<ExplainedDecisionRow | undefined> => {
  const [row] = await sql<ExplainedDecisionRow[]>`${explained(sql)} where d.id = ${decisionId}::uuid`;
  return row;
};

const explained = (sql: Queryable) => sql`
  select ${decisionColumns(sql)}, d.user_id,
    to_char(d.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
  from credit_decisions d left join credit_limits l on l.id = d.offer_id`;
