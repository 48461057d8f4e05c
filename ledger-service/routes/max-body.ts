/** Of what operators order; no such body is anywhere near it. What moves money may be larger (read-order.ts). */
export const MAX_BODY_BYTES = 16 * 1_024;
