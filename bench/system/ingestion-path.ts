import { openEntrance } from "./entrance.ts";
import { startIngestion } from "./ingestion.ts";
import type { Lender, Lent } from "./lender.ts";
import { openServers } from "./servers.ts";

/** nginx, two gateways and two replicas of ingestion, on a broker and a Redis of their own. */
export const openIngestionPath = async (lender: Lender) => {
  const { postgres, nats, redis } = await openServers(lender);
  await lender.giveBack(postgres);
  const ingestion = await startIngestion(lender, nats, 2);
  // The other upstreams get no requests here; a gateway wants an address for each.
  const upstreams = { emotionIngestion: ingestion, transactionIngestion: ingestion };
  const { url, processes } = await openEntrance(lender, "", redis, upstreams);
  const all: readonly Lent[] = [...processes, ...ingestion, nats, redis];
  return { url, processes: all, redis };
};
