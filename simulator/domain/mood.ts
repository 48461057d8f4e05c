import type { Temperament } from "./persona.ts";
import { type Random, between, normal, poisson } from "./random.ts";

/** Where a mood stands at an hour of simulated time: how far it strays from its level, and the stress of the moment. */
export type Mood = {
  readonly hour: number;
  readonly positivityDrift: number;
  readonly tensionDrift: number;
  readonly episode: number;
};

export type MoodReading = {
  readonly type: string;
  readonly metrics: {
    readonly positivity: number;
    readonly intensity: number;
    readonly stress_level: number;
  };
};

const HOURS_TO_RECOVER = 12;
const EPISODE_FADES_IN_HOURS = 5;

export const moodAtRest = (hour: number): Mood => ({
  hour,
  positivityDrift: 0,
  tensionDrift: 0,
  episode: 0,
});

/**
 * The mood at a later hour. Drifts are an Ornstein–Uhlenbeck process, stepped exactly, so that how often one looks
 * changes nothing about how far a mood strays; episodes of stress strike at random and fade.
 */
export const passTime = (mood: Mood, temperament: Temperament, hour: number, random: Random): Mood => {
  const elapsed = hour - mood.hour;
  const kept = Math.exp(-elapsed / HOURS_TO_RECOVER);
  const gained = temperament.volatility * Math.sqrt(1 - kept * kept);
  const strikes = poisson(random, (temperament.stressEpisodesPerDay * elapsed) / 24);
  let episode = mood.episode * Math.exp(-elapsed / EPISODE_FADES_IN_HOURS);
  for (let strike = 0; strike < strikes; strike++) episode += between(random, 0.25, 0.6);
  return {
    hour,
    positivityDrift: mood.positivityDrift * kept + gained * normal(random),
    tensionDrift: mood.tensionDrift * kept + gained * normal(random),
    episode: Math.min(episode, 1),
  };
};

/**
 * What the app reads from a mood.
 * @param moneyLeft 1 just after pay-day, 0 just before the next
 */
export const readMood = (mood: Mood, temperament: Temperament, moneyLeft: number): MoodReading => {
  const rhythm =
    temperament.rhythm * Math.cos((2 * Math.PI * ((mood.hour % 24) - temperament.bestHour)) / 24);
  const worry = temperament.moneyWorry * (1 - moneyLeft);
  const positivity = metric(
    temperament.positivity + mood.positivityDrift + rhythm - 0.5 * mood.episode - 0.5 * worry,
  );
  const stress = metric(temperament.tension + mood.tensionDrift - 0.5 * rhythm + 0.7 * mood.episode + worry);
  const intensity = metric(0.25 + Math.abs(positivity - 0.5) + 0.4 * stress);
  return {
    type: nameEmotion(positivity, intensity, stress),
    metrics: { positivity, intensity, stress_level: stress },
  };
};

// Three decimals: as much as a phone can tell.
const metric = (level: number): number => Math.round(Math.min(Math.max(level, 0), 1) * 1_000) / 1_000;

const nameEmotion = (positivity: number, intensity: number, stress: number): string => {
  if (stress >= 0.7) return positivity < 0.35 ? "anger" : "anxiety";
  if (positivity >= 0.65) return intensity >= 0.5 ? "joy" : "contentment";
  if (positivity <= 0.35) return intensity >= 0.5 ? "frustration" : "sadness";
  return stress <= 0.25 ? "calm" : "neutral";
};
