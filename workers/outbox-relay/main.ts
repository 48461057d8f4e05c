import { parseConfig } from "../../platform/config/parse-config.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { onOutboxWake } from "../../platform/messaging/outbox-wake.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { configSchema } from "./config.ts";
import { createRelayMetrics, measureBacklog } from "./relay-metrics.ts";
import { relayOutbox } from "./relay-outbox.ts";
import { sweepAcceptances } from "./sweep-acceptances.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const { broker, sql, metrics } = await connectWorker(config, logger, onStop, { connections: 4 });
  const measures = createRelayMetrics(metrics);
  const { published, stuck } = measures;

  const relay = repeat(logger, "relay", config.OUTBOX_POLL_MS, () =>
    relayOutbox({ sql, broker, logger, published }),
  );
  onStop("relay", relay.stop);
  onStop("signal", onOutboxWake(broker.nc, relay.wake));

  const afterMs = config.ACTIVATION_OVERDUE_MS;
  const sweeper = repeat(logger, "sweeper", Math.min(afterMs / 4, 15_000), () =>
    sweepAcceptances({ sql, logger, stuck, afterMs, wakeRelay: relay.wake }),
  );
  onStop("sweeper", sweeper.stop);
  const backlog = repeat(logger, "backlog", 5_000, () => measureBacklog(sql, measures));
  onStop("backlog", backlog.stop);
});
