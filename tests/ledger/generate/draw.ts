import type { Random } from "../../../simulator/domain/random.ts";

export const pick = <T>(random: Random, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)]!;

/** A whole number from 0 to below the bound. */
export const below = (random: Random, bound: number): number => Math.floor(random() * bound);

/** A version 4 UUID that the seed decides. */
export const idFrom = (random: Random): string => {
  const hex = Array.from({ length: 4 }, () =>
    below(random, 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};
