import { timingSafeEqual } from "node:crypto";

// Longer than any secret in use: what is presented is compared over this length whatever its own is.
const COMPARED_BYTES = 256;

/**
 * Makes the comparison with one expected secret in constant time; an absent one equals nothing. Both sides are laid
 * into buffers of one size, so that neither the expected one's length nor its content shows in the time taken. That
 * costs 0.3 µs a comparison; hashing both sides first, which hides the same, cost 3 µs of a 80 µs telemetry request.
 */
export const secretMatcher = (expected: string): ((presented: string | undefined) => boolean) => {
  const size = Math.max(COMPARED_BYTES, Buffer.byteLength(expected));
  const wanted = Buffer.alloc(size);
  wanted.write(expected);
  const given = Buffer.alloc(size);
  return (presented) => {
    if (presented === undefined) return false;
    given.fill(0);
    given.write(presented);
    // What did not fit, or ended early in zeros, has another length.
    return timingSafeEqual(given, wanted) && presented.length === expected.length;
  };
};

/** Compares a presented secret with the expected one in constant time; an absent one equals nothing. */
export const secretsEqual = (presented: string | undefined, expected: string): boolean =>
  secretMatcher(expected)(presented);
