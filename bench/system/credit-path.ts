import { openEntrance } from "./entrance.ts";
import type { Lender } from "./lender.ts";
import { secrets } from "./secrets.ts";
import { openServers } from "./servers.ts";

/** nginx, two gateways, two replicas of credit-service and two of the model, on servers of their own. */
export const openCreditPath = async (lender: Lender) => {
  const [{ postgres, nats, redis }, ...models] = await Promise.all([
    openServers(lender),
    lender.process("ml-mock-1", "ml-mock/main.ts", {}),
    lender.process("ml-mock-2", "ml-mock/main.ts", {}),
  ]);
  const env = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    NATS_URL: nats.url,
    ML_URL: models.map(({ url }) => url).join(","),
    JWT_SECRET: secrets.JWT_SECRET,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
  };
  const credit = await Promise.all(
    [1, 2].map((number) => lender.process(`credit-service-${number}`, "credit-service/main.ts", env)),
  );
  // The other upstreams get no requests here; a gateway wants an address for each.
  const upstreams = { emotionIngestion: credit, transactionIngestion: credit, creditService: credit };
  const entrance = await openEntrance(lender, "", redis, upstreams);
  return { entrance, postgres, redis, models, credit };
};
