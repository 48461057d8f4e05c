import { z } from "zod";
import { processFields, secret } from "../platform/config/fields.ts";

export const configSchema = z.object({
  ...processFields,
  /** Enables fault injection. */
  ML_ADMIN_KEY: secret.optional(),
});
