import { hash } from "node:crypto";

/** How a partner's key begins, so that scanners of leaked secrets know one. */
const MARK = "ecs_pk_";
const PREFIX_LENGTH = MARK.length + 8;

export type ApiKey = {
  /** For the partner alone. */
  text: string;
  /** Its first characters, by which people tell keys apart. */
  prefix: string;
  /** What is stored: SHA-256 in hex. */
  hash: string;
};

/** A key from 32 random bytes; nobody can guess 256 bits, so that a plain hash of them keeps the secret. */
export const apiKeyFrom = (random: Buffer): ApiKey => {
  const text = `${MARK}${random.toString("base64url")}`;
  return { text, prefix: text.slice(0, PREFIX_LENGTH), hash: hashApiKey(text) };
};

export const hashApiKey = (text: string): string => hash("sha256", text);

/** Whether a text could be a key at all; what cannot is not looked up. */
export const looksLikeApiKey = (text: string): boolean => /^ecs_pk_[\w-]{43}$/.test(text);
