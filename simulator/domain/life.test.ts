import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { emotionBody, transactionBody } from "../../contracts/http/telemetry.ts";
import { drawJourney } from "./journey.ts";
import { HISTORY_DAYS, createLife } from "./life.ts";
import { type Persona, drawPersona } from "./persona.ts";
import { toBody } from "./telemetry.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const USER = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const tell = (seed: number, persona: Persona, liveMs = MINUTE_MS) => {
  const life = createLife(seed, persona);
  return { past: [...life.history()].flat(), live: life.live(liveMs) };
};

const population = (seed: number, size: number): Persona[] =>
  Array.from({ length: size }, (_, index) => drawPersona(seed, index));

test("the same seed gives the same people, lives and journeys", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const persona = drawPersona(seed, 3);
      expect(drawPersona(seed, 3)).toEqual(persona);
      expect(tell(seed, persona)).toEqual(tell(seed, persona));
      expect(drawJourney(seed, persona, MINUTE_MS)).toEqual(drawJourney(seed, persona, MINUTE_MS));
    }),
    { numRuns: 25 },
  );
});

test("another seed gives other lives", () => {
  expect(tell(1, drawPersona(1, 0))).not.toEqual(tell(2, drawPersona(2, 0)));
});

test("intake takes every event, whoever sends it", () => {
  const now = Date.parse("2026-11-20T18:25:43.511Z");
  for (const persona of population(5, 60)) {
    const { past, live } = tell(5, persona);
    for (const event of [...past, ...live]) {
      const contract = event.kind === "emotion" ? emotionBody : transactionBody;
      expect(contract.safeParse(toBody(event, USER, now)).error).toBeUndefined();
    }
  }
});

test("no event id comes twice in a life", () => {
  for (const persona of population(6, 60)) {
    const { past, live } = tell(6, persona);
    const ids = [...past, ...live].map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("the past lies in the last 30 days, live traffic in its minutes, both in order", () => {
  for (const persona of population(7, 60)) {
    const { past, live } = tell(7, persona, 2 * MINUTE_MS);
    const offsets = past.map(({ offsetMs }) => offsetMs);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(offsets.every((ms) => ms >= -HISTORY_DAYS * DAY_MS && ms <= 0)).toBe(true);
    const played = live.map(({ offsetMs }) => offsetMs);
    expect(played).toEqual(played.toSorted((a, b) => a - b));
    expect(played.every((ms) => ms >= 0 && ms < 2 * MINUTE_MS)).toBe(true);
  }
});

test("a newcomer has no past, asks before sending anything, and asks again with something to show", () => {
  const newcomers = population(8, 200).filter(({ archetype }) => archetype === "newcomer");
  expect(newcomers.length).toBeGreaterThan(0);
  for (const persona of newcomers) {
    expect(tell(8, persona).past).toEqual([]);
    const journey = drawJourney(8, persona, MINUTE_MS);
    expect(journey.asksAt).toBeLessThan(journey.sendsFrom);
    expect(journey.asksAgainAt).toBeGreaterThan(journey.sendsFrom);
  }
});

test("everyone asks within live traffic, and takes an offer as their acceptance says", () => {
  for (const persona of population(9, 200)) {
    const journey = drawJourney(9, persona, MINUTE_MS);
    expect(journey.asksAt).toBeLessThan(MINUTE_MS);
    expect(journey.thinksFor === undefined).toBe(persona.acceptance === "never");
  }
});

test("every archetype occurs, and the burnt out are more stressed than steady earners", () => {
  const highStress = (name: string) => {
    const people = population(10, 300).filter(({ archetype }) => archetype === name);
    const events = people.flatMap((persona) => tell(10, persona).past);
    const emotions = events.filter((event) => event.kind === "emotion");
    return emotions.filter((event) => event.reading.metrics.stress_level >= 0.7).length / emotions.length;
  };
  expect(new Set(population(10, 300).map(({ archetype }) => archetype)).size).toBe(6);
  expect(highStress("burnt out")).toBeGreaterThan(10 * highStress("steady earner"));
});
