import type { Context } from "../bench.ts";
import { emotionProcessing } from "../persist/kinds.ts";
import { openBroker, openDatabase } from "../system/connections.ts";
import { migrate } from "../system/migrate.ts";
import type { DrainSurroundings } from "./drain-side.ts";

/** Runs the work with a database and a broker that hold nothing yet, and connections to both. */
export const withServers = async <Result>(
  { lender }: Context,
  work: (at: DrainSurroundings) => Promise<Result>,
): Promise<Result> => {
  const [postgres, nats] = await Promise.all([lender.postgres(), lender.server("nats")]);
  await migrate(postgres, nats);
  const sql = openDatabase(postgres.url, 2);
  const broker = await openBroker(nats.url);
  try {
    return await work({ lender, postgres, nats, broker, sql, kind: emotionProcessing });
  } finally {
    await broker.close();
    await sql.end({ timeout: 5 });
  }
};
