import { GATEWAY_KEY_HEADER, callerHeaders } from "../../platform/identity/caller.ts";
import type { Context, WarmSide } from "../bench.ts";
import { loadSide } from "../load/load-side.ts";
import type { Lent } from "../system/lender.ts";
import { secrets } from "../system/secrets.ts";
import type { Filled } from "./filled.ts";

export type Shared = { readonly nats: Lent; readonly redis: Lent; readonly model: Lent };

/** Analyses one at a time, straight to a credit-service on this database. */
export const analysisSide = async (
  { lender, generator, plan }: Context,
  { events, label, postgres, people }: Filled,
  { nats, redis, model }: Shared,
): Promise<WarmSide> => {
  const credit = await lender.process(`credit-service-${events}`, "credit-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    ML_URL: model.url,
    JWT_SECRET: secrets.JWT_SECRET,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
    COOL_OFF_SECONDS: "0",
  });
  const pool = `analyses-${events}`;
  await generator.setPool(
    pool,
    people.map((id) => ({
      method: "POST",
      path: `/v1/users/${id}/credit-analysis`,
      headers: { [GATEWAY_KEY_HEADER]: secrets.GATEWAY_KEY, ...callerHeaders({ kind: "user", id }) },
    })),
  );
  const job = { pool, target: credit.url, connections: 1, expectedStatus: 200 };
  return loadSide({
    name: `analysis, ${label}`,
    generator,
    job: { ...job, until: { answers: plan.singleAnalyses } },
    warmUp: { answers: plan.storedWarmUp },
    processes: [credit, model, redis, postgres],
  });
};
