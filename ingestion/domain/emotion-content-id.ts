import { hash } from "node:crypto";

export type EmotionContent = {
  /** Normalised: UTC. */
  timestamp: string;
  type: string;
  metrics: { positivity: number; intensity: number; stress_level: number };
};

/**
 * The event id of an emotion that came without one: SHA-256, in base64url, of the JSON array
 * `[timestamp in UTC, type, positivity, intensity, stress_level]` in UTF-8 without white space, numbers in their
 * shortest form. The same content thus has the same id wherever and however often it is sent.
 */
export const emotionContentId = ({ timestamp, type, metrics }: EmotionContent): string => {
  const canonical = JSON.stringify([
    timestamp,
    type,
    metrics.positivity,
    metrics.intensity,
    metrics.stress_level,
  ]);
  return `sha256-${hash("sha256", canonical, "base64url")}`;
};
