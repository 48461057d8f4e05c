import type { AppContext } from "../http/create-app.ts";

const NAME = "idempotency-hit";

/** On answers that were given before, under the client's key. */
export const REPEAT_HEADER = { [NAME]: "true" } as const;

/** Tells the client that nothing was done this time: the answer is the first one. */
export const tellRepeat = (c: AppContext, repeated: boolean): void => {
  if (repeated) c.header(NAME, REPEAT_HEADER[NAME]);
};
