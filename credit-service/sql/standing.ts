import type { Queryable } from "../../platform/database/connect.ts";
import type { Decision } from "../domain/decision.ts";
import type { Standing } from "../domain/standing.ts";
import { type DecisionRow, decisionColumns, toDecision } from "./decision-rows.ts";

/**
 * The rows of a person's standing, to be asked for alone or joined to something: their newest decision, and the one
 * whose offer is accepted or active. Each arm of the union is one index look-up: credit_decisions_user_newest,
 * credit_limits_one_active_limit, credit_limits_one_open_offer.
 */
export const standingRows = (sql: Queryable, userId: string) => {
  const columns = decisionColumns(sql);
  return sql`
    (select 'newest' as role, ${columns}
     from credit_decisions d left join credit_limits l on l.id = d.offer_id
     where d.user_id = ${userId}::uuid
     order by d.decided_at desc limit 1)
    union all
    (select 'taken', ${columns}
     from credit_limits l join credit_decisions d on d.id = l.decision_id
     where l.user_id = ${userId}::uuid and l.status = 'active')
    union all
    (select 'taken', ${columns}
     from credit_limits l join credit_decisions d on d.id = l.decision_id
     where l.user_id = ${userId}::uuid and l.status = 'accepted')`;
};

/** A person's newest decision, and the one whose offer is accepted or active. */
export const readStanding = async (sql: Queryable, userId: string): Promise<Standing> =>
  toStanding(await sql<StandingRow[]>`${standingRows(sql, userId)}`);

/** Rows of nobody's role, as a left join yields them, say nothing. */
export const toStanding = (rows: readonly (StandingRow | { role: null })[]): Standing => {
  const decisions = { newest: null as Decision | null, taken: null as Decision | null };
  for (const row of rows) if (row.role !== null) decisions[row.role] ??= toDecision(row);
  return decisions;
};

export type StandingRow = { role: "newest" | "taken" } & DecisionRow;
