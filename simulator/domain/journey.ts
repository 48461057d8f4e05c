import type { Persona } from "./persona.ts";
import { type Random, between, chance, randomFor } from "./random.ts";

/** When, in ms of live traffic, a person does what with the app. */
export type Journey = {
  /** Before this nothing is sent: a newcomer first looks at what the app says. */
  readonly sendsFrom: number;
  readonly asksAt: number;
  /** How long the person thinks about an offer; undefined when it is never taken. */
  readonly thinksFor: number | undefined;
  /** How long after accepting the notifications are read. */
  readonly readsAfter: number;
  readonly asksAgainAt: number | undefined;
};

/** A second is about what it takes to read an offer and tap. */
const TAP_MS = 1_000;
const ASKS_AGAIN = 0.2;

/** What a person does in live traffic of so many milliseconds. */
export const drawJourney = (seed: number, persona: Persona, durationMs: number): Journey => {
  const random = randomFor(seed, `journey/${persona.index}`);
  const within = (low: number, high: number): number => Math.floor(between(random, low, high) * durationMs);
  const visit = { thinksFor: thinkingTime(random, persona, durationMs), readsAfter: 2 * TAP_MS };
  if (!persona.hasHistory) {
    return {
      ...visit,
      sendsFrom: within(0.1, 0.15),
      asksAt: within(0, 0.05),
      asksAgainAt: within(0.5, 0.65),
    };
  }
  const asksAt = within(0.05, 0.5);
  const again = within(0.6, 0.9);
  return { ...visit, sendsFrom: 0, asksAt, asksAgainAt: chance(random, ASKS_AGAIN) ? again : undefined };
};

const thinkingTime = (random: Random, { acceptance }: Persona, durationMs: number): number | undefined => {
  const glance = TAP_MS * between(random, 0.5, 1.5);
  const doubts = durationMs * between(random, 0.1, 0.3);
  if (acceptance === "never") return undefined;
  return Math.floor(acceptance === "at once" ? glance : glance + doubts);
};
