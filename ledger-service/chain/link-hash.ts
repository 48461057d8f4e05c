import { createHmac } from "node:crypto";

/** Where a record stands in the order of the chain; numbers are in digits. */
export type Place = { readonly xid: string; readonly subject: string; readonly number: string };

/** What a link covers, and where it ends. */
export type Records = {
  readonly entries: number;
  readonly last: Place;
  /** SHA-256 of the records' texts. */
  readonly digest: Buffer;
};

/** What a link of the first version covers: entries alone, in order of (transaction, id). */
export type Entries = {
  readonly entries: number;
  /** A transaction's number, in digits. */
  readonly lastXid: string;
  /** An entry's id, in digits. */
  readonly lastId: string;
  /** SHA-256 of the entries' texts. */
  readonly digest: Buffer;
};

/** Before every record. */
export const BEGINNING: Place = { xid: "0", subject: "00000000-0000-0000-0000-000000000000", number: "0" };
/** What the first link follows. */
export const GENESIS = Buffer.alloc(32);

/** The hash of a link: HMAC-SHA-256 over the hash before it, its version, number and end, and its records' digest. */
export const linkHash = (key: string, previous: Buffer, link: bigint, records: Records): Buffer => {
  const { entries, last, digest } = records;
  return createHmac("sha256", key)
    .update(previous)
    .update(`|version 2|${link}|${entries}|${last.xid}|${last.subject}|${last.number}|`)
    .update(digest)
    .digest();
};

/** As links were hashed while they covered entries alone. */
export const firstLinkHash = (key: string, previous: Buffer, link: bigint, entries: Entries): Buffer =>
  createHmac("sha256", key)
    .update(previous)
    .update(`|${link}|${entries.entries}|${entries.lastXid}|${entries.lastId}|`)
    .update(entries.digest)
    .digest();
