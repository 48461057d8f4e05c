/** What the model is asked with; null is "not known". */
export type Features = {
  transaction_count_30d: number | null;
  avg_transaction_value_30d: number | null;
  avg_positivity_7d: number | null;
  stress_events_30d: number | null;
};

export type FeatureName = keyof Features;

export type Prediction = {
  /** Probability of default, 0 to 1, to 6 decimals. */
  risk_score: number;
  model_version: string;
  /** What each feature adds to the log-odds; they add up to the logit less the intercept. */
  contributions: Record<FeatureName, number>;
};

type Term = {
  /** Log-odds per unit of the transformed feature above its reference. */
  weight: number;
  /** Where the feature says nothing, on the transformed scale. */
  reference: number;
  transform: (value: number) => number;
  /** Log-odds when the feature is not known: ignorance costs a little, less than bad news. */
  whenMissing: number;
};

const MODEL_VERSION = "scorecard-1.0.0";

/** Log-odds of a person who is at every reference. */
export const INTERCEPT = -0.6;

// The caps keep one extreme feature from drowning the others.
const logUpTo = (cap: number) => (value: number) => Math.log1p(Math.min(value, cap));
const upTo = (cap: number) => (value: number) => Math.min(value, cap);

/**
 * A logistic scorecard: log-odds = intercept + Σ weight · (transform(value) − reference).
 *
 * | feature | transform | reference | weight | not known |
 * |---|---|---|---|---|
 * | transactions in 30 days | ln(1 + n), n up to 60 | 10 transactions | −0.55: regular spending is reassuring | +0.4 |
 * | average value of one | ln(1 + v), v up to 2,000 | 80 | +0.25: large single purchases are riskier | 0 |
 * | average positivity in 7 days | itself | 0.5 | −3 | +0.3 |
 * | high-stress events in 30 days | n up to 40 | 5 events | +0.08 an event | +0.2 |
 */
const terms: Record<FeatureName, Term> = {
  transaction_count_30d: {
    weight: -0.55,
    reference: Math.log1p(10),
    transform: logUpTo(60),
    whenMissing: 0.4,
  },
  avg_transaction_value_30d: {
    weight: 0.25,
    reference: Math.log1p(80),
    transform: logUpTo(2_000),
    whenMissing: 0,
  },
  avg_positivity_7d: { weight: -3, reference: 0.5, transform: (value) => value, whenMissing: 0.3 },
  stress_events_30d: { weight: 0.08, reference: 5, transform: upTo(40), whenMissing: 0.2 },
};

/** The same features always get the same score. */
export const predict = (features: Features): Prediction => {
  const contributions = Object.fromEntries(
    Object.entries(terms).map(([name, term]) => [name, contribution(term, features[name as FeatureName])]),
  ) as Record<FeatureName, number>;
  const logit = Object.values(contributions).reduce((sum, part) => sum + part, INTERCEPT);
  return {
    risk_score: toMillionths(1 / (1 + Math.exp(-logit))),
    model_version: MODEL_VERSION,
    contributions,
  };
};

// With six decimals, as the score has: what people are shown adds up to it.
const contribution = (term: Term, value: number | null): number =>
  value === null ? term.whenMissing : toMillionths(term.weight * (term.transform(value) - term.reference));

const toMillionths = (value: number): number => Math.round(value * 1e6) / 1e6;
