import { openEntrance } from "./entrance.ts";
import type { Lender, Lent } from "./lender.ts";
import { migrate } from "./migrate.ts";
import { secrets } from "./secrets.ts";

/** nginx, two gateways and two replicas of ingestion, on a broker and a Redis of their own. */
export const openIngestionPath = async (lender: Lender) => {
  const [postgres, nats, redis] = await Promise.all([
    lender.server("postgres"),
    lender.server("nats"),
    lender.server("redis"),
  ]);
  await migrate(postgres, nats);
  await lender.giveBack(postgres);
  const ingestion = await Promise.all(
    [1, 2].map((number) =>
      lender.process(`emotion-ingestion-${number}`, "ingestion/main.ts", {
        INGESTION_ROLE: "emotion",
        NATS_URL: nats.url,
        GATEWAY_KEY: secrets.GATEWAY_KEY,
        STREAM_REPLICAS: "1",
      }),
    ),
  );
  // The other upstreams get no requests here; a gateway wants an address for each.
  const upstreams = { emotionIngestion: ingestion, transactionIngestion: ingestion };
  const { url, processes } = await openEntrance(lender, "", redis, upstreams);
  const all: readonly Lent[] = [...processes, ...ingestion, nats, redis];
  return { url, processes: all, redis };
};
