import { parseConfig } from "../platform/config/parse-config.ts";
import { createHealth } from "../platform/http/health.ts";
import { serveHttp } from "../platform/http/serve.ts";
import { runProcess } from "../platform/lifecycle/run-process.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { createMetrics } from "../platform/observability/metrics.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";
import { connect } from "./connect.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const health = createHealth();
  const deps = await connect(config, { logger, metrics: createMetrics(config), health }, onStop);
  const server = await serveHttp(createApp(deps), { host: config.HOST, port: config.PORT });
  onStop("http server", server.stop);
  onStop("readiness", health.startDraining);
  logger.info({ url: server.url }, "listening");
});
