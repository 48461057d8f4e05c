import { hash } from "node:crypto";

// Any fixed UUID: what our names are hashed under (RFC 9562 §5.5).
const NAMESPACE = Buffer.from("6f0c3b5e2a7d4c19b8e14d7a90c5f3e2", "hex");

/** The account's id, from the name that a client has for it: always the same, so that nobody has to look it up. */
export const accountIdOf = (externalId: string): string => {
  const bytes = Buffer.from(hash("sha1", Buffer.concat([NAMESPACE, Buffer.from(externalId)]), "hex"), "hex");
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Whether an id could be the one of some name: these are of version 5 (RFC 9562 §5.5). Takes lower-case UUIDs. */
export const couldBeOfName = (id: string): boolean => id[14] === "5";
