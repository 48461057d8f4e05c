import type { EmotionEvent } from "../../contracts/events/emotion-event.ts";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import { randomUuid, seededRandom } from "./random.ts";

const MOODS = ["joy", "calm", "anger", "sadness", "fear", "surprise"] as const;
const CATEGORIES = ["groceries", "rent", "transport", "leisure", "health"] as const;

export type TelemetryOptions = {
  readonly count: number;
  readonly users: number;
  readonly seed: number;
  /** When the last event happens, in Unix ms; the first is `spanMs` earlier. */
  readonly until: number;
  readonly spanMs: number;
};

/** Events of people picked at random, in the order of their time, as intake publishes them. */
export const emotionEvents = (options: TelemetryOptions): EmotionEvent[] =>
  generate(options, (random, userId, time, index) => ({
    eventId: `emotion-${options.seed}-${index}`,
    userId,
    timestamp: time,
    receivedAt: time,
    emotionEvent: {
      type: pick(MOODS, random),
      metrics: {
        positivity: hundredths(random),
        intensity: hundredths(random),
        stress_level: hundredths(random),
      },
    },
  }));

export const transactionEvents = (options: TelemetryOptions): TransactionEvent[] =>
  generate(options, (random, userId, time, index) => ({
    eventId: `transaction-${options.seed}-${index}`,
    userId,
    amount: (1 + random() * 250).toFixed(2),
    currency: "USD",
    category: pick(CATEGORIES, random),
    occurredAt: time,
    receivedAt: time,
  }));

const generate = <Event>(
  { count, users, seed, until, spanMs }: TelemetryOptions,
  make: (random: () => number, userId: string, time: string, index: number) => Event,
): Event[] => {
  const random = seededRandom(seed);
  const people = Array.from({ length: users }, () => randomUuid(random));
  return Array.from({ length: count }, (_, index) => {
    const time = until - spanMs + (spanMs * (index + 1)) / count;
    return make(random, pick(people, random), new Date(time).toISOString(), index);
  });
};

const pick = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

const hundredths = (random: () => number): number => Math.round(random() * 100) / 100;
