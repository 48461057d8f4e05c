import { Counter } from "prom-client";
import { limitActivated } from "../../contracts/events/credit-events.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { wakeOutbox } from "../../platform/messaging/outbox-wake.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { decodeWithCause } from "../decode-with.ts";
import { startConsumer } from "../start-consumer.ts";
import { backfillLines } from "./backfill-lines.ts";
import { configSchema } from "./config.ts";
import { openLines } from "./open-lines.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const connections = await connectWorker(config, logger, onStop, { connections: 4 });
  const { broker, sql, metrics } = connections;
  const opened = new Counter({
    name: "credit_lines_total",
    help: "Active limits met, by what told of them and what became of the credit line",
    labelNames: ["source", "result"] as const,
    registers: [metrics],
  });
  const deps = {
    sql,
    logger,
    count: (labels: { source: string; result: string }) => opened.inc(labels),
    wakeRelay: () => wakeOutbox(broker.nc),
  };
  startConsumer(connections, onStop, {
    consumer: "creditLines",
    decode: decodeWithCause(limitActivated),
    handle: openLines(deps),
    config,
    // A person waits for this: no lingering.
    batch: { events: 50, lingerMs: 1 },
  });
  const backfill = repeat(logger, "backfill", config.BACKFILL_EVERY_MS, async () => {
    await backfillLines(deps);
  });
  onStop("backfill", backfill.stop);
});
