import type { AppContext } from "../http/create-app.ts";

/** On answers that were given before, under the client's key. */
export const REPEAT_HEADER = { "idempotency-hit": "true" } as const;

/** Tells the client that nothing was done this time: the answer is the first one. */
export const tellRepeat = (c: AppContext, repeated: boolean): void => {
  if (repeated) c.header("idempotency-hit", "true");
};
