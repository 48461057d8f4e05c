import type { Queryable } from "../../../platform/database/connect.ts";
import { AppError } from "../../../platform/errors/app-error.ts";
import { messageOf } from "../../../platform/errors/message-of.ts";
import { classifyPublishError } from "../../../platform/messaging/broker-errors.ts";
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
    const never = await neverStored(broker, message, error);
    if (never === undefined) throw notStored(error);
    // Waiting for what does not pass would hold up all that stand behind it in a replay by filter.
    throw new AppError("validation_failed", `The broker does not take the event: it ${never}`, {
      errors: [{ pointer: "", detail: never }],
      cause: error,
    });
  }
};

/** Why the event cannot be published however often it is tried; undefined where it may well be, later. */
const neverStored = async (
  { jsm }: Broker,
  { subject }: OutgoingMessage,
  error: unknown,
): Promise<string | undefined> => {
  const failure = classifyPublishError(error);
  if (failure === "refused") return `is refused: ${messageOf(error)}`;
  if (failure === "full") return undefined;
  // Where nobody answers, there is no stream, or one without a leader: that one is known still.
  const takers = await jsm.streams
    .names(subject)
    .next()
    .catch(() => undefined);
  return takers?.length === 0 ? "is of a subject that no stream takes" : undefined;
};

const notStored = (cause?: unknown): AppError =>
  new AppError("event_not_stored", "The broker could not store the event: the letter is still open", {
    retryAfter: 2,
    cause,
  });
