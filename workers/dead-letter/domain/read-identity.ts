import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { eventId, userId } from "../../../contracts/fields.ts";

export type EventIdentity = { userId: string | null; eventId: string | null };

const NOBODY: EventIdentity = { userId: null, eventId: null };

const identifying = z.object({
  userId: userId.toLowerCase().nullable().catch(null),
  eventId: eventId.nullable().catch(null),
});

/** Whose event the bytes are, as far as they can be read: whatever else is wrong with them. */
export const readIdentity = (payload: Buffer): EventIdentity => {
  const read = identifying.safeParse(parseJson(payload));
  return read.success ? read.data : NOBODY;
};

/** The bytes as JSON; undefined when they are none. */
export const parseJson = (payload: Buffer): unknown => {
  if (!isUtf8(payload)) return undefined;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
};
