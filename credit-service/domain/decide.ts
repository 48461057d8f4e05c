import type { Decision, Offer } from "./decision.ts";
import { type Features, missingFeatures } from "./features.ts";
import { judge, policy } from "./policy.ts";

export type Score = { riskScore: number; modelVersion: string; contributions: Record<string, number> };

/**
 * A new decision, with its offer when approved. Without a score there was nothing to ask the model about.
 * `newId` is called once for the decision and once for an offer.
 */
export const decide = (features: Features, score: Score | null, now: Date, newId: () => string): Decision => {
  const id = newId();
  const common = {
    id,
    modelVersion: score?.modelVersion ?? null,
    riskScore: score?.riskScore ?? null,
    policyVersion: policy.version,
    missingFeatures: missingFeatures(features),
    features,
    contributions: score?.contributions ?? null,
    decidedAt: now,
  };
  if (!score) return { ...common, approved: false, reason: "INSUFFICIENT_DATA", offer: null };
  const verdict = judge(score.riskScore, now);
  if (!verdict.approved) return { ...common, approved: false, reason: verdict.reason, offer: null };
  const offer: Offer = { id: newId(), status: "offered", ...verdict.terms };
  return { ...common, approved: true, reason: null, offer };
};
