import type { Sql } from "../../../platform/database/connect.ts";
import { inTransaction } from "../../../platform/database/transaction.ts";
import { AppError } from "../../../platform/errors/app-error.ts";
import { checkEvent } from "../domain/check-event.ts";
import { readIdentity } from "../domain/read-identity.ts";
import { showPayload } from "../domain/show-payload.ts";
import { recordAction } from "../sql/actions.ts";
import { lockLetter, replacePayload } from "../sql/letters.ts";
import { currentPayload, requireOpen } from "./require-letter.ts";

export type EditRequest = {
  letterId: string;
  actor: string;
  event: Record<string, unknown>;
  reason: string | undefined;
};

/**
 * Replaces what a replay of the letter publishes; the bytes that came stay beside it.
 * @throws AppError not_found, dead_letter_settled, or validation_failed with pointers into the event
 */
export const editLetter = (sql: Sql, { letterId, actor, event, reason }: EditRequest): Promise<void> =>
  inTransaction(sql, async (tx) => {
    const letter = requireOpen(await lockLetter(tx, letterId));
    const payload = Buffer.from(JSON.stringify(event));
    const { valid, errors } = checkEvent(letter.subject, payload);
    if (valid === false)
      throw new AppError("validation_failed", "The event breaks a rule: see errors", {
        errors: errors.map(({ pointer, detail }) => ({ pointer: `/payload${pointer}`, detail })),
      });
    await replacePayload(tx, letterId, { payload, ...readIdentity(payload) });
    const before = { revision: letter.revision, payload: showPayload(currentPayload(letter)) };
    const after = { revision: letter.revision + 1, payload: showPayload(payload) };
    await recordAction(tx, { letterId, actor, action: "edit", reason, before, after });
  });
