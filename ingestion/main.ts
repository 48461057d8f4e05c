import { streams } from "../contracts/streams.ts";
import { parseConfig } from "../platform/config/parse-config.ts";
import { createHealth } from "../platform/http/health.ts";
import { serveHttp } from "../platform/http/serve.ts";
import { runProcess } from "../platform/lifecycle/run-process.ts";
import { checkStream } from "../platform/messaging/broker-checks.ts";
import { connectBroker } from "../platform/messaging/connect.ts";
import { createLinePublisher } from "../platform/messaging/line-publisher.ts";
import { ensureStream } from "../platform/messaging/provision-streams.ts";
import { createPublisherMetrics } from "../platform/messaging/publisher-metrics.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { createMetrics } from "../platform/observability/metrics.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const metrics = createMetrics(config);
  const health = createHealth();
  const stream = config.INGESTION_ROLE === "emotion" ? streams.EMOTIONS : streams.TRANSACTIONS;

  const broker = await connectBroker({ url: config.NATS_URL, name: config.PROCESS_NAME }, logger);
  onStop("broker", broker.close);
  await ensureStream(broker.jsm, stream, config.STREAM_REPLICAS, logger);
  health.require("broker", checkStream(broker, stream.name));

  const publisher = createLinePublisher({ broker, logger, metrics: createPublisherMetrics(metrics) });
  onStop("publisher", publisher.stop);
  const app = createApp(config, { logger, metrics, health, publisher, now: Date.now });
  const server = await serveHttp(app, { host: config.HOST, port: config.PORT });
  onStop("http", server.stop);
  onStop("health", health.startDraining);
  logger.info({ url: server.url }, "listening");
});
