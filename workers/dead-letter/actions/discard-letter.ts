import type { Queryable } from "../../../platform/database/connect.ts";
import { recordAction } from "../sql/actions.ts";
import { lockLetter, settleLetter } from "../sql/letters.ts";
import { requireOpen } from "./require-letter.ts";

export type DiscardRequest = { letterId: string; actor: string; reason: string };

/** Settles a letter without replaying it. @throws AppError not_found or dead_letter_settled */
export const discardLetter = async (
  tx: Queryable,
  { letterId, actor, reason }: DiscardRequest,
): Promise<void> => {
  requireOpen(await lockLetter(tx, letterId));
  await settleLetter(tx, letterId, "discarded");
  const [before, after] = [{ status: "open" }, { status: "discarded" }];
  await recordAction(tx, { letterId, actor, action: "discard", reason, before, after });
};
