import type { Config } from "../config.ts";
import type { UpstreamName } from "../routing/gateway-route.ts";
import { connectUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/** Every service that the gateway passes requests on to. */
export const connectUpstreams = async (config: Config): Promise<Record<UpstreamName, Upstream>> => {
  const to = (name: UpstreamName, urls: string[]) =>
    connectUpstream({ name, urls, resolveEveryMs: config.RESOLVE_EVERY_MS });
  const [emotions, transactions, credit, ledger, deadLetter] = await Promise.all([
    to("emotion-ingestion", config.EMOTION_INGESTION_URL),
    to("transaction-ingestion", config.TRANSACTION_INGESTION_URL),
    to("credit-service", config.CREDIT_SERVICE_URL),
    to("ledger-service", config.LEDGER_SERVICE_URL),
    to("dead-letter", config.DEAD_LETTER_URL),
  ]);
  return {
    "emotion-ingestion": emotions,
    "transaction-ingestion": transactions,
    "credit-service": credit,
    "ledger-service": ledger,
    "dead-letter": deadLetter,
  };
};
