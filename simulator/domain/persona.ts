import { type Acceptance, type Archetype, type ArchetypeName, archetypes } from "./archetypes.ts";
import { type Random, between, logNormal, pickWeighted, randomFor } from "./random.ts";

/** One person who uses the app: an archetype with a temperament and a purse of their own. */
export type Persona = {
  readonly index: number;
  readonly archetype: ArchetypeName;
  readonly wakesAt: number;
  readonly temperament: Temperament;
  readonly budget: Budget;
  /** Emotions that the app reads on an ordinary day. */
  readonly readingsPerDay: number;
  readonly hasHistory: boolean;
  readonly acceptance: Acceptance;
};

/** What decides about someone's moods. Levels are on the scale of the metrics, 0 to 1. */
export type Temperament = {
  readonly positivity: number;
  readonly tension: number;
  /** How far a mood strays from its level. */
  readonly volatility: number;
  /** How much the hour of the day matters, and the hour of the best mood. */
  readonly rhythm: number;
  readonly bestHour: number;
  readonly stressEpisodesPerDay: number;
  /** How much tension grows while the money runs out. */
  readonly moneyWorry: number;
};

/** Amounts are whole cents. */
export type Budget = {
  readonly incomeCents: number;
  readonly payPeriodDays: number;
  /** Day of the period on which the first simulated day falls. */
  readonly payDayOffset: number;
  readonly savingsCents: number;
  readonly purchasesPerDay: number;
  readonly priceLevel: number;
  readonly payDaySplurge: number;
  readonly rentShare: number;
};

/** Person number `index` of a seed; how many others there are does not matter. */
export const drawPersona = (seed: number, index: number): Persona => {
  const random = randomFor(seed, `persona/${index}`);
  const archetype = pickWeighted(random, archetypes);
  return {
    index,
    archetype: archetype.name,
    wakesAt: between(random, 5.5, 8.5),
    temperament: drawTemperament(random, archetype),
    budget: drawBudget(random, archetype),
    readingsPerDay: archetype.readingsPerDay * between(random, 0.7, 1.3),
    hasHistory: archetype.hasHistory,
    acceptance: pickWeighted(random, archetype.acceptance).does,
  };
};

const drawTemperament = (random: Random, { mood }: Archetype): Temperament => ({
  positivity: mood.positivity + between(random, -0.08, 0.08),
  tension: mood.tension + between(random, -0.06, 0.06),
  volatility: mood.volatility * between(random, 0.7, 1.3),
  rhythm: between(random, 0.04, 0.12),
  bestHour: between(random, 10, 19),
  stressEpisodesPerDay: mood.stressEpisodesPerDay * between(random, 0.5, 1.5),
  moneyWorry: mood.moneyWorry,
});

const drawBudget = (random: Random, { money }: Archetype): Budget => {
  const incomeCents = Math.round(logNormal(random, money.incomeCents, 0.25));
  return {
    incomeCents,
    payPeriodDays: money.payPeriodDays,
    payDayOffset: Math.floor(random() * money.payPeriodDays),
    savingsCents: Math.round(incomeCents * between(random, 0.2, 1)),
    purchasesPerDay: money.purchasesPerDay * between(random, 0.7, 1.3),
    priceLevel: money.priceLevel * between(random, 0.8, 1.25),
    payDaySplurge: money.payDaySplurge,
    rentShare: money.rentShare,
  };
};
