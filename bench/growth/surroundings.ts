import pino from "pino";
import { connectDatabase } from "../../platform/database/connect.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import type { Context } from "../bench.ts";
import { emotionProcessing } from "../persist/kinds.ts";
import { migrate } from "../system/migrate.ts";
import type { DrainSurroundings } from "./drain-side.ts";

/** Runs the work with a database and a broker that hold nothing yet, and connections to both. */
export const withServers = async <Result>(
  { lender }: Context,
  work: (at: DrainSurroundings) => Promise<Result>,
): Promise<Result> => {
  const quiet = pino({ level: "silent" });
  const [postgres, nats] = await Promise.all([lender.server("postgres"), lender.server("nats")]);
  await migrate(postgres, nats);
  const sql = connectDatabase({ url: postgres.url, name: "bench", max: 2, statementTimeoutMs: 0 }, quiet);
  const broker = await connectBroker({ url: nats.url, name: "bench" }, quiet);
  try {
    return await work({ lender, postgres, nats, broker, sql, kind: emotionProcessing });
  } finally {
    await broker.close();
    await sql.end({ timeout: 5 });
  }
};
