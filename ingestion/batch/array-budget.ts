import { AppError } from "../../platform/errors/app-error.ts";
import { CLOSE } from "../../platform/http/read-body.ts";

/** One request's share of what may be held. */
export type HeldBytes = { take: (bytes: number) => void; release: () => void };

/**
 * How many bytes of bodies that are read whole may be held at once, over all requests. Arrays beyond it are told to
 * come back, or to come as NDJSON, which is never held.
 */
export const createArrayBudget = (maxBytes: number): (() => HeldBytes) => {
  let held = 0;
  return () => {
    let own = 0;
    return {
      take: (bytes) => {
        if (held + bytes > maxBytes) {
          const detail = "Too many arrays are being read: send it again, or as NDJSON";
          throw new AppError("event_not_stored", detail, { retryAfter: 1, ...CLOSE });
        }
        held += bytes;
        own += bytes;
      },
      release: () => {
        held -= own;
        own = 0;
      },
    };
  };
};
