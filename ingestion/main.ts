import { streams } from "../contracts/streams.ts";
import { parseConfig } from "../platform/config/parse-config.ts";
import { createHealth } from "../platform/http/health.ts";
import { runProcess } from "../platform/lifecycle/run-process.ts";
import { checkStream } from "../platform/messaging/broker-checks.ts";
import { watchCommits } from "../platform/messaging/commit-notice.ts";
import { connectBroker } from "../platform/messaging/connect.ts";
import { ensureStream } from "../platform/messaging/provision-streams.ts";
import { withLeader } from "../platform/messaging/with-leader.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { createMetrics } from "../platform/observability/metrics.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";
import { startPublisher } from "./start-publisher.ts";
import { startServer } from "./start-server.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const metrics = createMetrics(config);
  const health = createHealth();
  const stream = config.INGESTION_ROLE === "emotion" ? streams.EMOTIONS : streams.TRANSACTIONS;

  const broker = await connectBroker({ url: config.NATS_URL, name: config.PROCESS_NAME }, logger);
  onStop("broker", broker.close);
  await withLeader(() => ensureStream(broker.jsm, stream, config.STREAM_REPLICAS, logger));
  health.require("broker", checkStream(broker, stream.name));

  const watched = { stream: stream.name, shedPercent: config.STREAM_SHED_PERCENT };
  const publisher = startPublisher({ broker, logger, metrics, health }, onStop, watched);
  const commits = watchCommits(broker.nc);
  const intake = createApp(config, { logger, metrics, health, publisher, commits, now: Date.now });
  const server = await startServer(intake, config, { logger, metrics, publisher, now: Date.now }, onStop);
  onStop("health", health.startDraining);
  logger.info({ url: server.url }, "listening");
});
