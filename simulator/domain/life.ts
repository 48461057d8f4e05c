import { moodAtRest, passTime, readMood } from "./mood.ts";
import type { Persona } from "./persona.ts";
import { type Random, between, poisson, randomFor } from "./random.ts";
import { type Purchase, drawPurchase } from "./shopping.ts";
import { type Purse, buyAffordable, expectedPurchases, moneyLeft, openPurse, spendDay } from "./spending.ts";
import type { EmotionTelemetry, Telemetry } from "./telemetry.ts";

/** Days of past that everyone but a newcomer has. */
export const HISTORY_DAYS = 30;

const HOUR_MS = 60 * 60 * 1_000;
const AWAKE_HOURS = 15.5;
// In live traffic people have the app open: a reading every few seconds, a purchase now and then.
const LIVE_READING_EVERY_MS = 8_000;
const LIVE_PURCHASE_EVERY_MS = 40_000;

export type Life = {
  /** The past, a day at a time, oldest first; each day in the order of its events. */
  readonly history: () => Generator<readonly Telemetry[]>;
  /** Live traffic of so many milliseconds, which play one waking day. To be asked for after the past is told. */
  readonly live: (durationMs: number) => readonly Telemetry[];
};

/**
 * The life of a person: what the app sends of it. The seed and the person decide everything; midnight of the last
 * day of the past is the moment at which live traffic begins.
 */
export const createLife = (seed: number, persona: Persona): Life => {
  const random = randomFor(seed, `life/${persona.index}`);
  let mood = moodAtRest(0);
  let purse = openPurse(persona.budget);

  const feel = (hour: number): ReturnType<typeof readMood> => {
    mood = passTime(mood, persona.temperament, hour, random);
    return readMood(mood, persona.temperament, moneyLeft(persona.budget, Math.floor(hour / 24)));
  };

  const liveDay = (day: number): Telemetry[] => {
    const spent = spendDay(purse, persona.budget, { day, wakesAt: persona.wakesAt }, random);
    purse = spent.purse;
    const hours = readingHours(random, persona, day);
    const toOffset = (hour: number): number => Math.round((hour - HISTORY_DAYS * 24) * HOUR_MS);
    const emotions = hours.map((hour, i): EmotionTelemetry => {
      return { kind: "emotion", eventId: `mood-${day}-${i}`, offsetMs: toOffset(hour), reading: feel(hour) };
    });
    return inOrder([
      ...emotions,
      ...spent.purchases.map((purchase, i) =>
        toTransaction(purchase, `purchase-${day}-${i}`, toOffset(day * 24 + purchase.hour)),
      ),
    ]);
  };

  return {
    *history() {
      for (let day = 0; day < HISTORY_DAYS; day++) yield persona.hasHistory ? liveDay(day) : [];
    },
    live: (durationMs) => playDay({ persona, random, durationMs, purse, feel }),
  };
};

type LiveDay = {
  persona: Persona;
  random: Random;
  durationMs: number;
  purse: Purse;
  feel: (hour: number) => EmotionTelemetry["reading"];
};

const playDay = ({ persona, random, durationMs, purse, feel }: LiveDay): Telemetry[] => {
  const toHour = (offsetMs: number): number =>
    HISTORY_DAYS * 24 + persona.wakesAt + (AWAKE_HOURS * offsetMs) / durationMs;
  const readings = moments(random, durationMs, durationMs / LIVE_READING_EVERY_MS);
  const emotions = readings.map((offsetMs, i): EmotionTelemetry => {
    return { kind: "emotion", eventId: `live-mood-${i}`, offsetMs, reading: feel(toHour(offsetMs)) };
  });
  const eagerness = expectedPurchases(persona.budget, HISTORY_DAYS) / persona.budget.purchasesPerDay;
  const wishes = moments(random, durationMs, (eagerness * durationMs) / LIVE_PURCHASE_EVERY_MS).map(
    (offsetMs) => ({
      ...drawPurchase(random, HISTORY_DAYS, persona.wakesAt, persona.budget.priceLevel),
      offsetMs,
    }),
  );
  const { purchases } = buyAffordable(purse, wishes);
  return inOrder([
    ...emotions,
    ...purchases.map((purchase, i) => toTransaction(purchase, `live-purchase-${i}`, purchase.offsetMs)),
  ]);
};

/** The hours of a day, counted from the beginning of the simulation, at which a mood is read. */
const readingHours = (random: Random, persona: Persona, day: number): number[] =>
  Array.from(
    { length: poisson(random, persona.readingsPerDay) },
    () => day * 24 + persona.wakesAt + between(random, 0, AWAKE_HOURS),
  ).sort((a, b) => a - b);

const moments = (random: Random, durationMs: number, mean: number): number[] =>
  Array.from({ length: poisson(random, mean) }, () => Math.floor(between(random, 0, durationMs))).sort(
    (a, b) => a - b,
  );

const toTransaction = (
  { cents, category }: Pick<Purchase, "cents" | "category">,
  eventId: string,
  offsetMs: number,
): Telemetry => ({
  kind: "transaction",
  eventId,
  offsetMs,
  cents,
  category,
});

const inOrder = (events: readonly Telemetry[]): Telemetry[] =>
  events.toSorted((a, b) => a.offsetMs - b.offsetMs);
