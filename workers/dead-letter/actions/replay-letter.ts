import type { Queryable } from "../../../platform/database/connect.ts";
import { AppError } from "../../../platform/errors/app-error.ts";
import type { Broker } from "../../../platform/messaging/connect.ts";
import { publishWithRetry } from "../../../platform/messaging/publish-with-retry.ts";
import type { OutgoingMessage, PublishTiming } from "../../../platform/messaging/publish-with-retry.ts";
import { checkEvent } from "../domain/check-event.ts";
import { replayedMessage } from "../domain/replayed-message.ts";
import { recordAction } from "../sql/actions.ts";
import { lockLetter, settleLetter } from "../sql/letters.ts";
import { currentPayload, requireLetter, requireOpen } from "./require-letter.ts";

export type ReplayDeps = { broker: () => Broker | undefined };

export type ReplayRequest = {
  letterId: string;
  actor: string;
  reason: string | undefined;
  /** The replay by filter that this is a part of. */
  replayId?: string | undefined;
};

export type ReplayResult = { outcome: "replayed" | "already_replayed"; messageId: string };

// Short: the letter is locked meanwhile, and somebody waits.
const TIMING: PublishTiming = { attemptMs: 1_500, budgetMs: 2_500 };

/**
 * Publishes a letter's event to where it came from and settles the letter, in the caller's transaction. Should that
 * fail to commit, the letter is open still, and the next replay publishes under the same message id.
 * @throws AppError not_found, dead_letter_settled, validation_failed or event_not_stored
 */
export const replayLetter = async (
  { broker }: ReplayDeps,
  tx: Queryable,
  { letterId, actor, reason, replayId }: ReplayRequest,
): Promise<ReplayResult> => {
  const letter = requireLetter(await lockLetter(tx, letterId));
  const payload = currentPayload(letter);
  const message = replayedMessage({ ...letter, payload });
  const { messageId } = message;
  if (letter.status === "replayed") return { outcome: "already_replayed", messageId };
  requireOpen(letter);
  const { valid, errors } = checkEvent(letter.subject, payload);
  if (valid === false)
    throw new AppError("validation_failed", "The event would fail again: edit it first, see errors", {
      errors,
    });
  await publish(broker(), message);
  await settleLetter(tx, letterId, "replayed");
  const [before, after] = [{ status: "open" }, { status: "replayed", messageId }];
  await recordAction(tx, { letterId, actor, action: "replay", reason, before, after, replayId });
  return { outcome: "replayed", messageId };
};

const publish = async (broker: Broker | undefined, message: OutgoingMessage): Promise<void> => {
  if (!broker?.connected()) throw notStored();
  try {
    await publishWithRetry(broker, message, TIMING);
  } catch (error) {
    throw notStored(error);
  }
};

const notStored = (cause?: unknown): AppError =>
  new AppError("event_not_stored", "The broker could not store the event: the letter is still open", {
    retryAfter: 2,
    cause,
  });
