import { z } from "zod";
import { integer } from "../../platform/config/fields.ts";
import { workerFields } from "../config-fields.ts";

export const configSchema = z.object({
  ...workerFields,
  /** How often limits without a credit line are looked for, in ms. */
  BACKFILL_EVERY_MS: integer(100, 86_400_000).default(60_000),
});
