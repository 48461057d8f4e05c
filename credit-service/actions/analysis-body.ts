import type { z } from "@hono/zod-openapi";
import type { analysis } from "../../contracts/http/credit.ts";
import type { Answer, Decision, Offer } from "../domain/decision.ts";
import { explain } from "../domain/explain.ts";

export type AnalysisBody = z.infer<typeof analysis>;

export const analysisBody = (userId: string, answer: Answer): AnalysisBody => ({
  ...decisionBody(userId, answer.decision, answer.because),
  explanation: explain(answer),
});

/** A decision as clients see it: amounts and rates as JSON numbers, which carry their few digits exactly. */
export const decisionBody = <Reason extends string>(
  userId: string,
  decision: Decision,
  reason: Reason | null,
) => ({
  user_id: userId,
  approved: decision.approved,
  ml_risk_score: decision.riskScore,
  ...(decision.offer && { offer: offerBody(decision.offer) }),
  ...(reason && { reason }),
  ...(decision.missingFeatures.length > 0 && { missingFeatures: decision.missingFeatures }),
  decisionId: decision.id,
  decidedAt: decision.decidedAt.toISOString(),
  modelVersion: decision.modelVersion,
  policyVersion: decision.policyVersion,
});

const offerBody = (offer: Offer) => ({
  offer_id: offer.id,
  credit_limit: Number(offer.creditLimit),
  interest_rate: Number(offer.interestRate),
  credit_type: offer.creditType,
  expires_at: offer.expiresAt.toISOString(),
});
