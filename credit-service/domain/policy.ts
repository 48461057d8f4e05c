import { add, compare, decimal, multiply, roundHalfEven, subtract, toText } from "./decimal.ts";

/**
 * Everything that turns a risk score into an offer. A change of any number here is a new version: decisions are
 * stored with the version that made them, cached answers are kept apart by it.
 */
export const policy = Object.freeze({
  version: "policy-1.0.0",
  /** Approved up to and including this risk. */
  maxRisk: "0.6",
  /** The limit is max(least, (1 − risk) · most). */
  leastLimit: "1000",
  mostLimit: "10000",
  /** Per cent a year: base + risk · slope. */
  baseRate: "5",
  rateSlope: "15",
  creditType: "SHORT_TERM_PERSONAL_LOAN",
  offerDays: 7,
  /** A decision stands for so long; processes may be configured otherwise. */
  coolOffSeconds: 300,
});

export type Terms = {
  /** Decimal text, to cents. */
  creditLimit: string;
  /** Decimal text, per cent a year to two places. */
  interestRate: string;
  creditType: string;
  expiresAt: Date;
};

export type Verdict = { approved: true; terms: Terms } | { approved: false; reason: "RISK_TOO_HIGH" };

const PLACES = 2;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Prices a risk between 0 and 1. Exact in decimals; limit and rate are rounded half to even, once, at the end.
 */
export const judge = (riskScore: number, now: Date): Verdict => {
  const risk = decimal(riskScore);
  if (compare(risk, decimal(policy.maxRisk)) > 0) return { approved: false, reason: "RISK_TOO_HIGH" };
  const scaled = multiply(subtract(decimal(1), risk), decimal(policy.mostLimit));
  const least = decimal(policy.leastLimit);
  const limit = compare(scaled, least) > 0 ? scaled : least;
  const rate = add(decimal(policy.baseRate), multiply(risk, decimal(policy.rateSlope)));
  return {
    approved: true,
    terms: {
      creditLimit: toText(roundHalfEven(limit, PLACES)),
      interestRate: toText(roundHalfEven(rate, PLACES)),
      creditType: policy.creditType,
      expiresAt: new Date(now.getTime() + policy.offerDays * DAY_MS),
    },
  };
};
