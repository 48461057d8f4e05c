import { AppError } from "../../platform/errors/app-error.ts";

export type BoundedOptions = {
  /** So many at a time. */
  running: number;
  /** So many more may wait; the next one is turned away. */
  waiting: number;
};

/**
 * Runs tasks a few at a time, in the order they came.
 * @throws AppError service_unavailable when too many wait already
 */
export const createBounded = ({ running, waiting }: BoundedOptions) => {
  const queue: (() => void)[] = [];
  let active = 0;

  const enter = async (): Promise<void> => {
    if (active < running) {
      active += 1;
      return;
    }
    if (queue.length >= waiting)
      throw new AppError("service_unavailable", "Too many logins and registrations at once", {
        retryAfter: 2,
      });
    // Whoever leaves hands over its place, so that `active` stays as it is.
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const leave = (): void => {
    const next = queue.shift();
    if (next) next();
    else active -= 1;
  };

  return async <Result>(task: () => Promise<Result>): Promise<Result> => {
    await enter();
    try {
      return await task();
    } finally {
      leave();
    }
  };
};
