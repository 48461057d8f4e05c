import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { createBounded } from "./bounded.ts";

export type Passwords = {
  hash: (password: string) => Promise<string>;
  /** Against a user's hash; without one against a hash that nothing matches, for the same work. */
  matches: (hashed: string | undefined, password: string) => Promise<boolean>;
};

// OWASP Password Storage Cheat Sheet, argon2id (the library's default algorithm): 19 MiB, 2 passes, 1 lane.
const ARGON2 = { memoryCost: 19 * 1_024, timeCost: 2, parallelism: 1 };

// Hashing runs on libuv's four threads: two stay free for files and names. Sixty-four waiting are a second or two.
const BOUNDS = { running: 2, waiting: 64 };

/** Argon2id, bounded so that a storm of logins takes neither the memory nor the threads of everything else. */
export const createPasswords = async (): Promise<Passwords> => {
  const bounded = createBounded(BOUNDS);
  const unmatchable = await hash(randomBytes(32), ARGON2);
  return {
    hash: (password) => bounded(() => hash(password, ARGON2)),
    matches: (hashed, password) =>
      bounded(async () => {
        const same = await verify(hashed ?? unmatchable, password);
        return same && hashed !== undefined;
      }),
  };
};
