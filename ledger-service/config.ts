import { z } from "zod";
import {
  databasePrepare,
  databaseUrl,
  integer,
  natsUrl,
  processFields,
  secret,
} from "../platform/config/fields.ts";

export const configSchema = z.object({
  ...processFields,
  DATABASE_URL: databaseUrl,
  DATABASE_PREPARE: databasePrepare,
  NATS_URL: natsUrl,
  GATEWAY_KEY: secret,
  /** Commits at a time; one keeps the order in which transfers came. */
  LEDGER_LANES: integer(1, 16).default(1),
  /** How long a transfer waits for funds before it fails, in hours. */
  LEDGER_WAIT_HOURS: integer(1, 24 * 30).default(24),
});

export type Config = Readonly<z.output<typeof configSchema>>;
