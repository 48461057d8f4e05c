import type { Cache, Cached } from "../../platform/cache/cache.ts";
import type { Answer } from "../domain/decision.ts";
import { type Features, isComplete, windowsAt } from "../domain/features.ts";
import { policy } from "../domain/policy.ts";
import { type AnalysisBody, analysisBody } from "./analysis-body.ts";

/** What the cache knows of a person. */
export type Remembered = {
  answer: AnalysisBody | undefined;
  features: Features | undefined;
};

export type AnalysisCache = {
  /** One round trip. */
  recall: (userId: string, now: Date) => Promise<Remembered>;
  /** Neither is waited for: who asks before it is kept is answered by the database. */
  keepFeatures: (userId: string, features: Features, now: Date) => void;
  keepAnswer: (userId: string, answer: Answer, now: Date) => void;
  forgetAnswer: (userId: string) => Promise<void>;
};

// New telemetry must show in an analysis promptly.
const FEATURES_TTL_MS = 5_000;
// Bounds how long an answer can outlive an acceptance that could not reach Redis to drop it.
const ANSWER_TTL_MS = 60_000;

// Raised when the shape or the meaning of what is cached changes.
const SHAPE = "v2";

/**
 * A person's features and answers beside the database. Keys carry what their values were computed from:
 * the shape's version, the day that the windows end on, the policy.
 */
export const createAnalysisCache = (cache: Cache, coolOffMs: number): AnalysisCache => {
  const featuresKey = (userId: string, now: Date) =>
    `credit:features:${SHAPE}:${windowsAt(now).from30}:${userId}`;
  const answerKey = (userId: string) => `credit:answer:${SHAPE}:${policy.version}:${userId}`;

  return {
    recall: async (userId, now) => {
      const [answer, features] = await cache.getMany([answerKey(userId), featuresKey(userId, now)]);
      return { answer: stillHolds(answer, now), features: features as Features | undefined };
    },
    // Only whole features: a person who has just begun sends more in a moment, and asks again.
    keepFeatures: (userId, features, now) => {
      if (isComplete(features)) cache.put(featuresKey(userId, now), features, FEATURES_TTL_MS);
    },
    // Only what nothing but time or an acceptance can change.
    keepAnswer: (userId, { decision, because }, now) => {
      if (because !== null && because !== "RISK_TOO_HIGH") return;
      const until = Math.min(
        decision.decidedAt.getTime() + coolOffMs,
        decision.offer?.expiresAt.getTime() ?? Infinity,
      );
      const ttlMs = Math.min(until - now.getTime(), ANSWER_TTL_MS);
      if (ttlMs <= 0) return;
      cache.put(answerKey(userId), { until, body: analysisBody(userId, { decision, because }) }, ttlMs);
    },
    forgetAnswer: (userId) => cache.forget(answerKey(userId)),
  };
};

// A spread time to live may end a little after the cool-off does.
const stillHolds = (cached: Cached, now: Date): AnalysisBody | undefined =>
  cached && (cached["until"] as number) > now.getTime() ? (cached["body"] as AnalysisBody) : undefined;
