import { AppError } from "../errors/app-error.ts";

/** Why events are refused at once, without having been sent. */
export type ShedReason = "stopping" | "disconnected" | "overloaded" | "stream_full";

const REASONS = {
  stopping: "This instance is about to stop: send the event again",
  disconnected: "The broker cannot be reached: send the event again",
  overloaded: "More events are under way than can be taken: send the event again later",
  stream_full: "The broker's store is nearly full: send the event again later",
  retryable: "The broker did not confirm the event in time: send it again",
  full: "The broker's store is full: send the event again later",
  refused: "The broker refused the event: send it again later",
} as const;

/** What whoever sent an event hears when the broker has not stored it. */
export const notStored = (reason: keyof typeof REASONS, cause?: unknown): AppError =>
  // Spread over a few seconds, so that clients do not come back all at once.
  new AppError("event_not_stored", REASONS[reason], {
    retryAfter: 1 + Math.floor(Math.random() * 4),
    cause,
  });
