/** What the risk model looks at; null is "not known". */
export type Features = {
  transaction_count_30d: number | null;
  avg_transaction_value_30d: number | null;
  avg_positivity_7d: number | null;
  stress_events_30d: number | null;
};

export type FeatureName = keyof Features;

/**
 * First days of the two windows, as UTC calendar days with today as the last full one. They have no end: a device
 * whose clock or time zone runs ahead sends events of "tomorrow", and those count at once.
 */
export const windowsAt = (now: Date): { from7: string; from30: string } => ({
  from7: utcDay(now, -6),
  from30: utcDay(now, -29),
});

export const missingFeatures = (features: Features): FeatureName[] =>
  (Object.keys(features) as FeatureName[]).filter((name) => features[name] === null);

/** Without a single feature there is nothing to ask the model. */
export const isSufficient = (features: Features): boolean =>
  Object.values(features).some((value) => value !== null);

export const isComplete = (features: Features): boolean => missingFeatures(features).length === 0;

const DAY_MS = 24 * 60 * 60 * 1_000;

const utcDay = (now: Date, offset: number): string =>
  new Date(now.getTime() + offset * DAY_MS).toISOString().slice(0, 10);
