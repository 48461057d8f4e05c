import { type Random, between, logNormal, normal, pickWeighted } from "./random.ts";

/** A kind of purchase: what it costs, when in the day it is made, and how often on working days and at weekends. */
type Category = {
  readonly name: string;
  readonly medianCents: number;
  readonly spread: number;
  readonly hour: number;
  readonly weekday: number;
  readonly weekend: number;
};

const categories: readonly Category[] = [
  { name: "coffee", medianCents: 420, spread: 0.25, hour: 8.5, weekday: 22, weekend: 8 },
  { name: "transport", medianCents: 680, spread: 0.5, hour: 8, weekday: 20, weekend: 6 },
  { name: "groceries", medianCents: 3_800, spread: 0.6, hour: 18, weekday: 26, weekend: 30 },
  { name: "dining", medianCents: 2_400, spread: 0.5, hour: 19.5, weekday: 12, weekend: 24 },
  { name: "entertainment", medianCents: 1_900, spread: 0.6, hour: 20.5, weekday: 6, weekend: 16 },
  { name: "clothing", medianCents: 5_600, spread: 0.7, hour: 15, weekday: 4, weekend: 12 },
  { name: "health", medianCents: 3_200, spread: 0.8, hour: 11, weekday: 5, weekend: 2 },
  { name: "electronics", medianCents: 14_000, spread: 0.9, hour: 17, weekday: 1.5, weekend: 3 },
];

const FRIDAY = 4;
const SATURDAY = 5;
const SUNDAY = 6;
const SMALLEST_CENTS = 50;

export type Purchase = { readonly hour: number; readonly cents: number; readonly category: string };

/** Day 0 of the simulation is a Monday. */
export const weekdayOf = (day: number): number => day % 7;

export const isWeekend = (day: number): boolean => weekdayOf(day) >= SATURDAY;

/** How much more, or less, is bought on a day of the week than on average; the seven of them average 1. */
export const shoppingMood = (day: number): number => {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return 1.6;
  if (weekday === FRIDAY) return 1.2;
  return weekday === SUNDAY ? 1 : 0.8;
};

/** One purchase of an ordinary basket, between waking up and midnight. */
export const drawPurchase = (random: Random, day: number, wakesAt: number, priceLevel: number): Purchase => {
  const weekend = isWeekend(day);
  const weighted = categories.map((category) => ({
    ...category,
    weight: weekend ? category.weekend : category.weekday,
  }));
  const { name, medianCents, spread, hour } = pickWeighted(random, weighted);
  const usual = hour + (weekend ? 1.5 : 0) + 1.5 * normal(random);
  return {
    category: name,
    cents: Math.max(Math.round(logNormal(random, medianCents * priceLevel, spread)), SMALLEST_CENTS),
    hour: usual > wakesAt && usual < 24 ? usual : between(random, wakesAt, 24),
  };
};
