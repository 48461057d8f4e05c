/** An edited event is the largest of bodies, and no event that intake takes is anywhere near it. */
export const MAX_BODY_BYTES = 256 * 1_024;
