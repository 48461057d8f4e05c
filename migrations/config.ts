import { z } from "zod";
import { databaseUrl, integer, natsUrl } from "../platform/config/fields.ts";

export const configSchema = z.object({
  PROCESS_NAME: z.string().default("migrate"),
  LOG_LEVEL: z.string().default("info"),
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  STREAM_REPLICAS: integer(1, 5).default(1),
  ACK_WAIT_MS: integer(1_000, 600_000).default(30_000),
});
