import { consumers } from "../../contracts/streams.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import type { Repetition } from "../../platform/lifecycle/repeat.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { purgeAcknowledged } from "../../platform/messaging/purge-acknowledged.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { runReplays } from "./actions/run-replays.ts";
import { registerRoutes } from "./app.ts";
import { configSchema } from "./config.ts";
import { createLetterMetrics, measureDepth } from "./metrics.ts";
import { startStoring } from "./start-storing.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  let replays: Repetition | undefined;
  const gatewayKey = config.GATEWAY_KEY;
  const wakeReplays = (): void => replays?.wake();
  const connections = await connectWorker(config, logger, onStop, {
    connections: 8,
    routes: (app, { sql, broker }) => registerRoutes(app, { sql, broker, gatewayKey, wakeReplays }),
  });
  const { broker, sql, metrics, health } = connections;
  const measures = createLetterMetrics(metrics);
  startStoring(connections, onStop, config, measures);

  const depth = repeat(logger, "depth", 5_000, () => measureDepth(sql, measures));
  onStop("depth", depth.stop);
  const purge = repeat(logger, "purge", 10_000, async () => {
    if (broker.connected()) await purgeAcknowledged(broker, consumers.deadLetter, logger);
  });
  onStop("purge", purge.stop);
  replays = runReplays({ sql, broker: () => broker, logger });
  onStop("replays", replays.stop);
  onStop("readiness", health.startDraining);
});
