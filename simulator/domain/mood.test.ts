import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { emotionBody } from "../../contracts/http/telemetry.ts";
import { moodAtRest, passTime, readMood } from "./mood.ts";
import type { Temperament } from "./persona.ts";
import { randomFor } from "./random.ts";

const calm: Temperament = {
  positivity: 0.6,
  tension: 0.3,
  volatility: 0.1,
  rhythm: 0.1,
  bestHour: 14,
  stressEpisodesPerDay: 0,
  moneyWorry: 0.2,
};

const days = (temperament: Temperament, hours: number, step: number) => {
  const random = randomFor(11, "mood");
  let mood = moodAtRest(0);
  return Array.from(
    { length: hours / step },
    (_, i) => (mood = passTime(mood, temperament, (i + 1) * step, random)),
  );
};

const deviation = (numbers: number[]): number =>
  Math.sqrt(numbers.reduce((sum, n) => sum + n * n, 0) / numbers.length);

test("whatever the temperament, intake takes the reading", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const temperaments = fc.record({
    positivity: share,
    tension: share,
    volatility: share,
    rhythm: share,
    bestHour: fc.double({ min: 0, max: 24, noNaN: true }),
    stressEpisodesPerDay: fc.double({ min: 0, max: 20, noNaN: true }),
    moneyWorry: share,
  });
  fc.assert(
    fc.property(temperaments, fc.integer({ min: 0, max: 1_000 }), share, (temperament, seed, moneyLeft) => {
      const mood = passTime(moodAtRest(0), temperament, 30, randomFor(seed, "any"));
      const body = {
        userId: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c",
        timestamp: "2026-11-20T18:25:43.511Z",
        emotionEvent: readMood(mood, temperament, moneyLeft),
      };
      expect(emotionBody.safeParse(body).error).toBeUndefined();
    }),
  );
});

test("a mood strays as far as the temperament says and no further, however often one looks", () => {
  const seldom = days(calm, 200_000, 8).map(({ positivityDrift }) => positivityDrift);
  const often = days(calm, 50_000, 1).map(({ positivityDrift }) => positivityDrift);
  expect(deviation(seldom)).toBeCloseTo(calm.volatility, 2);
  expect(deviation(often)).toBeCloseTo(calm.volatility, 2);
});

test("a mood strays back to its level", () => {
  const random = randomFor(1, "back");
  const elated = { ...moodAtRest(0), positivityDrift: 0.4 };
  const after = Array.from({ length: 2_000 }, () => passTime(elated, calm, 36, random).positivityDrift);
  expect(after.reduce((sum, n) => sum + n, 0) / after.length).toBeLessThan(0.05);
});

test("the best hour of the day is the most positive and the least tense", () => {
  const best = readMood(moodAtRest(24 + 14), calm, 1).metrics;
  const worst = readMood(moodAtRest(24 + 2), calm, 1).metrics;
  expect(best.positivity).toBeGreaterThan(worst.positivity);
  expect(best.stress_level).toBeLessThan(worst.stress_level);
});

test("an episode of stress is felt at once and fades within the day", () => {
  const struck = { ...moodAtRest(10), episode: 0.6 };
  const still: Temperament = { ...calm, volatility: 0 };
  const later = passTime(struck, still, 34, randomFor(1, "fade"));
  const stress = (mood: typeof struck) => readMood(mood, still, 1).metrics.stress_level;
  expect(stress(struck) - stress(moodAtRest(10))).toBeCloseTo(0.42, 2);
  expect(stress(later)).toBeCloseTo(stress(moodAtRest(34)), 1);
});

test("worry about money grows as it runs out", () => {
  const rich = readMood(moodAtRest(10), calm, 1).metrics;
  const broke = readMood(moodAtRest(10), calm, 0).metrics;
  expect(broke.stress_level - rich.stress_level).toBeCloseTo(calm.moneyWorry, 2);
});
