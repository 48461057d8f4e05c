import { randomFillSync } from "node:crypto";

// Random bytes are drawn for 256 ids at a time: one call each would cost more than the id.
const pool = new Uint8Array(2_560);
let used = pool.length;

/** A time-ordered UUID (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness. */
export const uuidV7 = (now: number = Date.now()): string => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(pool.subarray(used, (used += 10)), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
