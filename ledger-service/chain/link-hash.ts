import { createHmac } from "node:crypto";

/** Where a link ends, and what it covers. */
export type Cover = {
  readonly entries: number;
  /** A transaction's number, in digits. */
  readonly lastXid: string;
  /** An entry's id, in digits. */
  readonly lastId: string;
  /** SHA-256 of the entries' texts. */
  readonly digest: Buffer;
};

/** What the first link follows. */
export const GENESIS = Buffer.alloc(32);

/** The hash of a link: HMAC-SHA-256 over the hash before it, its number, its end and its entries' digest. */
export const linkHash = (key: string, previous: Buffer, link: bigint, cover: Cover): Buffer =>
  createHmac("sha256", key)
    .update(previous)
    .update(`|${link}|${cover.entries}|${cover.lastXid}|${cover.lastId}|`)
    .update(cover.digest)
    .digest();
