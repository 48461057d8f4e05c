import { AppError } from "../../platform/errors/app-error.ts";

/** The bodies that are held for one service until it has answered. */
export type HeldBodies = {
  /** Counts one in, of so many bytes. Returns what counts it out. @throws AppError service_unavailable when it is one too many */
  hold: (bytes: number) => () => void;
};

// The bodies of a service that hangs pile up here until its answers are given up. Each service has a share of its own,
// so that the others' requests go on: with all five at their limit a gateway stays within the 512 MB it is given.
const MOST_BYTES = 24 * 1_024 * 1_024;

/** @param name of the service, for whoever is refused */
export const createHeldBodies = (name: string): HeldBodies => {
  let held = 0;
  return {
    hold: (bytes) => {
      if (held + bytes > MOST_BYTES) {
        throw new AppError("service_unavailable", `${name} has too much to answer already: send it again`, {
          retryAfter: 1,
        });
      }
      held += bytes;
      return () => void (held -= bytes);
    },
  };
};
