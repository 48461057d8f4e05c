import type { Queryable } from "../../platform/database/connect.ts";
import type { Decision } from "../domain/decision.ts";

export type NewDecision = Decision & {
  userId: string;
  /** The newest decision about the person when this one was made; null for none. */
  newestSeen: string | null;
};

/**
 * Stores a decision with its offer in one round trip and one transaction, and ends the offer that it supersedes.
 * False, and nothing stored, when meanwhile there is a newer decision or an offer was taken: `record_credit_decision` says how.
 */
export const insertDecision = async (sql: Queryable, decision: NewDecision): Promise<boolean> => {
  const { offer, contributions } = decision;
  const [row] = await sql<{ stored: boolean }[]>`
    select record_credit_decision(
      ${decision.userId}::uuid, ${decision.newestSeen}::uuid,
      ${decision.id}::uuid, ${decision.approved}, ${decision.reason}, ${decision.riskScore}::numeric,
      ${decision.modelVersion}, ${decision.policyVersion}, ${sql.json(decision.features)},
      ${decision.missingFeatures}::text[], ${contributions && sql.json(contributions)}, ${decision.decidedAt},
      ${offer?.id ?? null}::uuid, ${offer?.creditLimit ?? null}::numeric, ${offer?.interestRate ?? null}::numeric,
      ${offer?.creditType ?? null}, ${offer?.expiresAt ?? null}
    ) as stored`;
  return row?.stored === true;
};
