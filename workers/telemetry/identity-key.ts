import { hash } from "node:crypto";

/**
 * What identities are stored as: the first 16 bytes, in hexadecimal, of the SHA-256 of user id and event id.
 * `event_identity` in the migrations computes the same. The user's id has a fixed length, so that no two pairs make
 * the same text.
 */
export const identityKey = (userId: string, eventId: string): string =>
  hash("sha256", userId.toLowerCase() + eventId, "hex").slice(0, 32);
