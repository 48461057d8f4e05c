import type { Queryable } from "../../platform/database/connect.ts";
import type { Decision, DeclineReason, OfferStatus } from "../domain/decision.ts";
import type { FeatureName, Features } from "../domain/features.ts";

/** What a decision consists of, from credit_decisions `d` and, for its offer, credit_limits `l`. */
export const decisionColumns = (sql: Queryable) => sql`
  d.id, d.approved, d.reason, d.ml_risk_score, d.model_version, d.policy_version, d.missing_features, d.features,
  d.contributions, d.decided_at,
  l.id as offer_id, l.status, l.credit_limit, l.interest_rate, l.credit_type, l.expires_at`;

export type DecisionRow = {
  id: string;
  approved: boolean;
  reason: DeclineReason | null;
  ml_risk_score: string | null;
  model_version: string | null;
  policy_version: string;
  missing_features: FeatureName[];
  features: Features;
  contributions: Record<string, number> | null;
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

export const toDecision = (row: DecisionRow): Decision => ({
  id: row.id,
  approved: row.approved,
  reason: row.reason,
  riskScore: row.ml_risk_score === null ? null : Number(row.ml_risk_score),
  modelVersion: row.model_version,
  policyVersion: row.policy_version,
  missingFeatures: row.missing_features,
  features: row.features,
  contributions: row.contributions,
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
