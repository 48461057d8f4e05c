import type { Answer, Decision } from "./decision.ts";
import type { FeatureName } from "./features.ts";
import { policy } from "./policy.ts";

export type Effect =
  | "approved"
  | "declined"
  | "stands"
  | "raised_risk"
  | "lowered_risk"
  | "no_effect"
  | "unknown";

/** One reason of an answer in plain words; `feature` where it is about one. */
export type Reason = { effect: Effect; feature?: FeatureName; text: string };

/**
 * Why an answer is what it is, in plain words, from what is stored with its decision and from nothing else: first what
 * stands or which rule decided, then each feature by how much it moved the score, those that were not known among
 * them. The same decision is always explained by the same words.
 */
export const explain = ({ decision, because }: Answer): Reason[] => [
  ...standing(because),
  verdict(decision),
  ...featureReasons(decision),
];

const standing = (because: Answer["because"]): Reason[] => {
  if (because === "LIMIT_ALREADY_ACTIVE")
    return [{ effect: "stands", text: "A credit limit is active already, and goes on." }];
  if (because === "OFFER_ALREADY_ACCEPTED")
    return [{ effect: "stands", text: "An offer was accepted already, and is about to become active." }];
  return [];
};

const verdict = ({ approved, reason, riskScore, policyVersion }: Decision): Reason => {
  if (reason === "INSUFFICIENT_DATA")
    return {
      effect: "declined",
      text: "Declined: no purchases and no emotions were known that a risk could be estimated from.",
    };
  // A threshold is known of the present policy alone; earlier ones left their version and no numbers.
  const most = policyVersion === policy.version ? `${policy.maxRisk}, the most that` : "what";
  return approved
    ? {
        effect: "approved",
        text: `Approved: the risk score of ${riskScore} is within ${most} ${policyVersion} approves.`,
      }
    : {
        effect: "declined",
        text: `Declined: the risk score of ${riskScore} is above ${most} ${policyVersion} approves.`,
      };
};

const featureReasons = ({ features, contributions }: Decision): Reason[] => {
  const names = (Object.keys(WORDS) as FeatureName[]).filter((name) => features[name] !== undefined);
  const points = (name: FeatureName): number => Math.abs(contributions?.[name] ?? 0);
  // Sorting keeps the order of equals.
  return names
    .toSorted((one, other) => points(other) - points(one))
    .map((feature) => featureReason(feature, features[feature], contributions?.[feature]));
};

const featureReason = (feature: FeatureName, value: number | null, points: number | undefined): Reason => {
  const { known, unknown } = WORDS[feature];
  const what = value === null ? `${unknown} not known` : known(value);
  if (points === undefined) {
    const untold = value === null ? "" : "; what that did to the risk was not told";
    return { effect: "unknown", feature, text: `${what}${untold}.` };
  }
  const joined = value === null ? `${what}, which` : what;
  if (points === 0)
    return { effect: "no_effect", feature, text: `${joined} made no difference to the risk.` };
  return points > 0
    ? { effect: "raised_risk", feature, text: `${joined} raised the risk.` }
    : { effect: "lowered_risk", feature, text: `${joined} lowered the risk.` };
};

const rounded = (value: number): string => String(Number(value.toFixed(2)));
const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const WORDS: Record<FeatureName, { known: (value: number) => string; unknown: string }> = {
  transaction_count_30d: {
    known: (value) => `${counted(value, "purchase", "purchases")} in 30 days`,
    unknown: "The number of purchases in 30 days was",
  },
  avg_transaction_value_30d: {
    known: (value) => `An average of ${rounded(value)} a purchase in 30 days`,
    unknown: "The average of a purchase in 30 days was",
  },
  avg_positivity_7d: {
    known: (value) => `An average positivity of ${rounded(value)} (of 0 to 1) in 7 days`,
    unknown: "The average positivity in 7 days was",
  },
  stress_events_30d: {
    known: (value) => `${counted(value, "emotion", "emotions")} of high stress in 30 days`,
    unknown: "The number of emotions of high stress in 30 days was",
  },
};
