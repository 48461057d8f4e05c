import { z } from "zod";
import { integer } from "../../platform/config/fields.ts";
import { workerFields } from "../config-fields.ts";

export const configSchema = z.object({
  ...workerFields,
  /** How often the relay looks into the outbox without having been woken, in ms. */
  OUTBOX_POLL_MS: integer(10, 1_000).default(500),
  /** An acceptance without activation is announced again after so long, in ms. */
  ACTIVATION_OVERDUE_MS: integer(100, 86_400_000).default(120_000),
});
