import type { Sql } from "../../platform/database/connect.ts";
import { done } from "../../platform/messaging/outcome.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import { insertLetter } from "./sql/letters.ts";
import type { NewLetter } from "./sql/letters.ts";

export type StoreLettersDeps = { sql: Sql; count: (counts: { stored: number; received: number }) => void };

/** Stores dead letters; one that is there already stays as it is. */
export const storeLetters =
  ({ sql, count }: StoreLettersDeps): Handler<NewLetter> =>
  async (letters) => {
    const stored = await Promise.all(letters.map((letter) => insertLetter(sql, letter)));
    count({ stored: stored.filter(Boolean).length, received: letters.length });
    return letters.map(() => done);
  };
