import { fileURLToPath } from "node:url";
import { consumers, streams } from "../contracts/streams.ts";
import { parseConfig } from "../platform/config/parse-config.ts";
import { closeDatabase, connectDatabase } from "../platform/database/connect.ts";
import { migrate } from "../platform/database/migrate.ts";
import { runJob } from "../platform/lifecycle/run-job.ts";
import { connectBroker } from "../platform/messaging/connect.ts";
import { ensureConsumer } from "../platform/messaging/provision-consumers.ts";
import { ensureStream } from "../platform/messaging/provision-streams.ts";
import { withLeader } from "../platform/messaging/with-leader.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { configSchema } from "./config.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runJob(logger, async (onStop) => {
  // A migration may take long; a statement limit would break it off half-way, again and again.
  const database = { url: config.DATABASE_URL, name: config.PROCESS_NAME, max: 2, statementTimeoutMs: 0 };
  const sql = connectDatabase(database, logger);
  onStop("database", () => closeDatabase(sql));
  const applied = await migrate(sql, fileURLToPath(new URL(".", import.meta.url)));
  logger.info({ applied }, "database is up to date");

  const broker = await connectBroker({ url: config.NATS_URL, name: config.PROCESS_NAME }, logger);
  onStop("broker", broker.close);
  // The small ones first: where the broker is short of room, the large ones share what is left.
  for (const stream of Object.values(streams).toSorted((a, b) => a.maxBytes - b.maxBytes))
    await withLeader(() => ensureStream(broker.jsm, stream, config.STREAM_REPLICAS, logger));
  for (const consumer of Object.values(consumers))
    await withLeader(() => ensureConsumer(broker.jsm, { ...consumer, ackWaitMs: config.ACK_WAIT_MS }));
  logger.info({ streams: Object.keys(streams) }, "streams and consumers are there");
});
