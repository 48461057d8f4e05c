import { connectRedis } from "../platform/cache/redis.ts";
import { createHealth } from "../platform/http/health.ts";
import { serveHttp } from "../platform/http/serve.ts";
import { runProcess } from "../platform/lifecycle/run-process.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { createMetrics } from "../platform/observability/metrics.ts";
import { createGateway } from "./app.ts";
import { readConfig } from "./config.ts";
import { followRevocations } from "./identity/follow-revocations.ts";
import { createRevocations } from "./identity/revocations.ts";
import { connectUpstreams } from "./upstreams/connect-upstreams.ts";

const config = readConfig();
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const metrics = createMetrics(config);
  const health = createHealth();

  const redis = connectRedis(config.REDIS_URL, logger);
  onStop("redis", redis.stop);
  const upstreams = await connectUpstreams(config);
  onStop("upstreams", () => Promise.all(Object.values(upstreams).map(({ close }) => close())));

  const revocations = createRevocations();
  const deps = { config, redis, upstreams, revocations, logger, metrics, health };
  const { app, direct, sockets, metrics: gatewayMetrics } = createGateway(deps);
  const follower = followRevocations(deps, gatewayMetrics);
  onStop("revocations", follower.stop);
  // Until then nobody can connect, and the balancer asks another gateway.
  await follower.begun;
  const { HOST: host, PORT: port } = config;
  const server = await serveHttp(app, { host, port, direct, upgrade: sockets.upgrade });
  onStop("http server", server.stop);
  onStop("sockets", sockets.stop);
  onStop("readiness", health.startDraining);
  logger.info({ url: server.url }, "listening");
});
