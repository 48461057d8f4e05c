import type { Cache, Cached } from "../../platform/cache/cache.ts";
import type { Answer } from "../domain/decision.ts";
import { type Features, isComplete, windowsAt } from "../domain/features.ts";
import { policy } from "../domain/policy.ts";
import { type AnalysisBody, analysisBody } from "./analysis-body.ts";

/** What the cache knows of a person. */
export type Remembered = {
  answer: AnalysisBody | undefined;
  /** Both the user's record and the features; undefined when one of them is missing. */
  features: Features | undefined;
};

export type AnalysisCache = {
  /** One round trip. */
  recall: (userId: string, now: Date) => Promise<Remembered>;
  keepApplicant: (userId: string, features: Features, now: Date) => Promise<void>;
  keepAnswer: (userId: string, answer: Answer, now: Date) => Promise<void>;
  forgetAnswer: (userId: string) => Promise<void>;
};

const USER_TTL_MS = 5 * 60_000;
// New telemetry must show in an analysis promptly.
const FEATURES_TTL_MS = 5_000;
// Bounds how long an answer can outlive an acceptance that could not reach Redis to drop it.
const ANSWER_TTL_MS = 60_000;

// Raised when the shape or the meaning of what is cached changes.
const SHAPE = "v1";

/**
 * The user's record, features and answers beside the database. Keys carry what their values were computed from:
 * the shape's version, the day that the windows end on, the policy.
 */
export const createAnalysisCache = (cache: Cache, coolOffMs: number): AnalysisCache => {
  const userKey = (userId: string) => `credit:user:${SHAPE}:${userId}`;
  const featuresKey = (userId: string, now: Date) =>
    `credit:features:${SHAPE}:${windowsAt(now).from30}:${userId}`;
  const answerKey = (userId: string) => `credit:answer:${SHAPE}:${policy.version}:${userId}`;

  return {
    recall: async (userId, now) => {
      const keys = [answerKey(userId), userKey(userId), featuresKey(userId, now)];
      const [answer, user, features] = await cache.getMany(keys);
      return { answer: stillHolds(answer, now), features: user && (features as Features | undefined) };
    },
    // Only whole features: a person who has just begun sends more in a moment, and asks again.
    keepApplicant: async (userId, features, now) => {
      const keepFeatures =
        isComplete(features) && cache.put(featuresKey(userId, now), features, FEATURES_TTL_MS);
      await Promise.all([cache.put(userKey(userId), { id: userId }, USER_TTL_MS), keepFeatures]);
    },
    // Only what nothing but time or an acceptance can change.
    keepAnswer: async (userId, { decision, because }, now) => {
      if (because !== null && because !== "RISK_TOO_HIGH") return;
      const until = Math.min(
        decision.decidedAt.getTime() + coolOffMs,
        decision.offer?.expiresAt.getTime() ?? Infinity,
      );
      const ttl = Math.min(until - now.getTime(), ANSWER_TTL_MS);
      if (ttl <= 0) return;
      await cache.put(answerKey(userId), { until, body: analysisBody(userId, { decision, because }) }, ttl);
    },
    forgetAnswer: (userId) => cache.forget(answerKey(userId)),
  };
};

// A spread time to live may end a little after the cool-off does.
const stillHolds = (cached: Cached, now: Date): AnalysisBody | undefined =>
  cached && (cached["until"] as number) > now.getTime() ? (cached["body"] as AnalysisBody) : undefined;
