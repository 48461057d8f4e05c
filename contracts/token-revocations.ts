import { z } from "zod";

/** Where credit-service tells gateways which tokens were revoked. For them alone, and not a part of the public API. */
export const TOKEN_REVOCATIONS_PATH = "/internal/token-revocations";

/** No token lives longer than this, whatever TOKEN_TTL_SECONDS says. */
export const LONGEST_TOKEN_SECONDS = 30 * 24 * 3_600;

const expiresAt = z
  .number()
  .describe("Unix milliseconds; by then no token that it ends would be good anyway");

/** What was revoked since a position of an earlier answer. */
export const tokenRevocations = z.object({
  revocations: z.array(
    z.union([
      z.object({ tokenId: z.string(), expiresAt }),
      // Ends every token of theirs with a lower generation.
      z.object({ userId: z.string(), generation: z.int(), expiresAt }),
    ]),
  ),
  next: z.string().regex(/^\d{1,20}$/),
  after: z
    .string()
    .regex(/^\d+\.[0-9a-f-]{36}$/)
    .optional()
    .describe(
      "There is more: to be asked for behind this, from the same position, before going on from `next`",
    ),
});

export type TokenRevocations = z.output<typeof tokenRevocations>;
