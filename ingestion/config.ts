import { z } from "zod";
import { integer, natsUrl, processFields, secret } from "../platform/config/fields.ts";

export const configSchema = z.object({
  ...processFields,
  /** Which of the two intakes this process is. */
  INGESTION_ROLE: z.enum(["emotion", "transaction"]),
  NATS_URL: natsUrl,
  GATEWAY_KEY: secret,
  STREAM_REPLICAS: integer(1, 5).default(1),
  /** From how many percent of its stream's size cap on new events are refused with 503. */
  STREAM_SHED_PERCENT: integer(1, 100).default(80),
});

export type Config = z.infer<typeof configSchema>;
