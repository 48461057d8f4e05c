import type { Lender, Lent } from "./lender.ts";
import { secrets } from "./secrets.ts";

/** So many replicas of emotion ingestion. */
export const startIngestion = (lender: Lender, nats: Lent, replicas: number): Promise<Lent[]> =>
  Promise.all(Array.from({ length: replicas }, (_, index) => startIngestionReplica(lender, nats, index + 1)));

/** One of them, by its number from 1. */
export const startIngestionReplica = (lender: Lender, nats: Lent, number: number): Promise<Lent> =>
  lender.process(`emotion-ingestion-${number}`, "ingestion/main.ts", {
    INGESTION_ROLE: "emotion",
    NATS_URL: nats.url,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
    STREAM_REPLICAS: "1",
  });
