import type { Random } from "../../../simulator/domain/random.ts";

/** Draws in random order, each card once before any comes again, and never one twice in a row. */
export const createDeck = <Card>(random: Random, cards: readonly Card[]): (() => Card) => {
  let left: Card[] = [];
  let last: Card | undefined;
  return () => {
    if (left.length === 0) left = shuffle(random, cards);
    if (left.at(-1) === last) left.reverse();
    last = left.pop()!;
    return last;
  };
};

// Fisher and Yates, from the end.
const shuffle = <Card>(random: Random, cards: readonly Card[]): Card[] => {
  const shuffled = [...cards];
  for (let place = shuffled.length - 1; place > 0; place--) {
    const other = Math.floor(random() * (place + 1));
    [shuffled[place], shuffled[other]] = [shuffled[other]!, shuffled[place]!];
  }
  return shuffled;
};
