import { AppError } from "../../../platform/errors/app-error.ts";
import type { LetterRow } from "../sql/letters.ts";

/** @throws AppError not_found */
export const requireLetter = (letter: LetterRow | undefined): LetterRow => {
  if (letter) return letter;
  throw new AppError("not_found", "There is no such dead letter");
};

/** @throws AppError not_found or dead_letter_settled */
export const requireOpen = (letter: LetterRow | undefined): LetterRow => {
  const found = requireLetter(letter);
  if (found.status === "open") return found;
  throw new AppError("dead_letter_settled", `The dead letter was ${found.status} already`);
};

/** What a replay publishes: the edited bytes, else those that came. */
export const currentPayload = (letter: LetterRow): Buffer => letter.edited_payload ?? letter.payload;
