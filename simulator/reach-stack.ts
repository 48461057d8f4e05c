import type { Dispatcher } from "undici";
import type { Queryable } from "../platform/database/connect.ts";
import { messageOf } from "../platform/errors/message-of.ts";
import { attemptRequest } from "./http/attempt.ts";

/** @throws Error saying what of the stack does not answer */
export const reachStack = async (baseUrl: string, dispatcher: Dispatcher, sql: Queryable): Promise<void> => {
  const { origin } = new URL(baseUrl);
  const health = await attemptRequest({ origin, dispatcher }, { method: "GET", path: "/healthz" });
  if (health.kind === "failed")
    throw new Error(`no stack answers at ${origin} (${health.failure}): start one with npm start`);
  if (health.status !== 200)
    throw new Error(`the stack at ${origin} is not well: /healthz says ${health.status}`);
  try {
    await sql`select 1 from emotion_events limit 1`;
  } catch (error) {
    throw new Error(`the stack's database cannot be read: ${messageOf(error)}`, { cause: error });
  }
};
