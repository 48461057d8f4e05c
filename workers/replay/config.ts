import { z } from "zod";
import { databaseUrl, natsUrl } from "../../platform/config/fields.ts";

export const configSchema = z.object({
  NATS_URL: natsUrl,
  DATABASE_URL: databaseUrl,
});
