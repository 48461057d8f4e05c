import { z } from "@hono/zod-openapi";

/** On `ledger.chain.head`: the newest link of the ledger's hash chain at that time, and its hash (hexadecimal). */
export const chainHead = z.object({
  link: z.string().regex(/^[1-9]\d{0,18}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

export type ChainHead = z.infer<typeof chainHead>;
