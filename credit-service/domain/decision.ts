import type { FeatureName, Features } from "./features.ts";

export type OfferStatus = "offered" | "accepted" | "active" | "superseded" | "expired" | "rejected";

export type Offer = {
  id: string;
  status: OfferStatus;
  /** Decimal texts. */
  creditLimit: string;
  interestRate: string;
  creditType: string;
  expiresAt: Date;
};

export type DeclineReason = "RISK_TOO_HIGH" | "INSUFFICIENT_DATA";

export type Decision = {
  id: string;
  approved: boolean;
  reason: DeclineReason | null;
  /** Null when the model was not asked. */
  riskScore: number | null;
  modelVersion: string | null;
  policyVersion: string;
  missingFeatures: FeatureName[];
  /** What the model was shown. */
  features: Features;
  /** What each feature added to the score, as the model told; null when it was not asked. */
  contributions: Record<string, number> | null;
  decidedAt: Date;
  offer: Offer | null;
};

/** A decision, and why it is one that was there before. */
export type Answer = {
  decision: Decision;
  because: DeclineReason | "OFFER_ALREADY_ACCEPTED" | "LIMIT_ALREADY_ACTIVE" | null;
};

export const answerWith = (decision: Decision): Answer => ({ decision, because: decision.reason });
