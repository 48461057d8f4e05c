import { openEntrance } from "./entrance.ts";
import type { Lender } from "./lender.ts";
import { secrets } from "./secrets.ts";
import type { Servers } from "./servers.ts";

/** One replica of ledger-service, with nginx and two gateways in front. */
export const openLedgerPath = async (lender: Lender, { postgres, nats, redis }: Servers) => {
  const ledger = await lender.process("ledger-service-1", "ledger-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
    LEDGER_CHAIN_KEY: secrets.LEDGER_CHAIN_KEY,
  });
  const all = [ledger];
  const entrance = await openEntrance(lender, "", redis, {
    emotionIngestion: all,
    transactionIngestion: all,
    ledgerService: all,
  });
  return { entrance, postgres, ledger };
};
