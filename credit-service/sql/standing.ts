import type { Queryable } from "../../platform/database/connect.ts";
import type { Decision, DeclineReason, OfferStatus } from "../domain/decision.ts";
import type { FeatureName } from "../domain/features.ts";
import type { Standing } from "../domain/standing.ts";

/**
 * The rows of a person's standing, to be asked for alone or joined to something: their newest decision, and the one
 * whose offer is accepted or active. Each arm of the union is one index look-up: credit_decisions_user_newest,
 * credit_limits_one_active_limit, credit_limits_one_open_offer.
 */
export const standingRows = (sql: Queryable, userId: string) => {
  const columns = sql`
    d.id, d.approved, d.reason, d.ml_risk_score, d.model_version, d.policy_version, d.missing_features, d.decided_at,
    l.id as offer_id, l.status, l.credit_limit, l.interest_rate, l.credit_type, l.expires_at`;
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

export type StandingRow = {
  role: "newest" | "taken";
  id: string;
  approved: boolean;
  reason: DeclineReason | null;
  ml_risk_score: string | null;
  model_version: string | null;
  policy_version: string;
  missing_features: FeatureName[];
  decided_at: Date;
} & (
  | { offer_id: null }
  | {
      offer_id: string;
      status: OfferStatus;
      credit_limit: string;
      interest_rate: string;
      credit_type: string;
      expires_at: Date;
    }
);

const toDecision = (row: StandingRow): Decision => ({
  id: row.id,
  approved: row.approved,
  reason: row.reason,
  riskScore: row.ml_risk_score === null ? null : Number(row.ml_risk_score),
  modelVersion: row.model_version,
  policyVersion: row.policy_version,
  missingFeatures: row.missing_features,
  decidedAt: row.decided_at,
  offer:
    row.offer_id === null
      ? null
      : {
          id: row.offer_id,
          status: row.status,
          creditLimit: row.credit_limit,
          interestRate: row.interest_rate,
          creditType: row.credit_type,
          expiresAt: row.expires_at,
        },
});
