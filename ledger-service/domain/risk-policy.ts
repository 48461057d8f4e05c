/** What the risk check before an authorization's answer allows. Null is no such rule. */
export type RiskPolicy = {
  /** Largest amount of one purchase, a decimal in its currency. */
  maxAmount: string | null;
  /** How many purchases, and how much in all, within so many seconds; the one that is asked for counts. */
  velocity: { seconds: number; count: number | null; amount: string | null };
};
