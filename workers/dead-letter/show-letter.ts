import { currentPayload } from "./actions/require-letter.ts";
import { showPayload } from "./domain/show-payload.ts";
import type { ActionRow } from "./sql/actions.ts";
import type { LetterRow } from "./sql/letters.ts";
import type { ListedLetter } from "./sql/lists.ts";
import type { ReplayRow } from "./sql/replays.ts";

export const showSummary = (letter: ListedLetter) => ({
  id: letter.id,
  status: letter.status,
  stream: letter.stream,
  consumer: letter.consumer,
  subject: letter.subject,
  sequence: Number(letter.stream_sequence),
  line: letter.line,
  errorClass: letter.error_class,
  errorMessage: letter.error_message,
  attempts: letter.attempts,
  userId: letter.user_id,
  eventId: letter.event_id,
  edited: letter.revision > 0,
  replayOf: letter.replay_of,
  firstFailure: letter.first_failed_at.toISOString(),
  lastFailure: letter.last_failed_at.toISOString(),
  storedAt: letter.stored_at.toISOString(),
});

export const showLetter = (letter: LetterRow, actions: ActionRow[]) => ({
  ...showSummary(letter),
  payload: showPayload(currentPayload(letter)),
  ...(letter.edited_payload && { originalPayload: showPayload(letter.payload) }),
  headers: letter.headers,
  actions: actions.map((action) => ({
    action: action.action,
    actor: action.actor,
    reason: action.reason,
    before: action.before,
    after: action.after,
    replayId: action.replay_id,
    at: action.at.toISOString(),
  })),
});

export const showReplay = (replay: ReplayRow) => ({
  id: replay.id,
  status: replay.status,
  filter: replay.filter,
  ratePerSecond: replay.rate_per_second,
  actor: replay.actor,
  reason: replay.reason,
  total: replay.total,
  remaining: replay.remaining,
  replayed: replay.replayed,
  refused: replay.refused,
  skipped: replay.skipped,
  lastError: replay.last_error,
  createdAt: replay.created_at.toISOString(),
  finishedAt: replay.finished_at?.toISOString() ?? null,
});
