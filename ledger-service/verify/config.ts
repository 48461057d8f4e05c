import { z } from "zod";
import { databaseUrl, natsUrl, secret } from "../../platform/config/fields.ts";

export const configSchema = z.object({
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl.optional(),
  /** Without it the entries are compared with the chain's digests alone. */
  LEDGER_CHAIN_KEY: secret.optional(),
});
