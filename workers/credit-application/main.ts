import { Counter } from "prom-client";
import { offerApproved } from "../../contracts/events/credit-events.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { wakeOutbox } from "../../platform/messaging/outbox-wake.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { decodeWithCause } from "../decode-with.ts";
import { startConsumer } from "../start-consumer.ts";
import { applyOffers } from "./apply-offers.ts";
import { configSchema } from "./config.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const connections = await connectWorker(config, logger, onStop, { connections: 4 });
  const { broker, sql, metrics } = connections;
  const results = new Counter({
    name: "credit_acceptances_total",
    help: "Acceptances processed, by what became of the offer",
    labelNames: ["result"] as const,
    registers: [metrics],
  });
  const handle = applyOffers({
    sql,
    logger,
    count: (result) => results.inc({ result }),
    wakeRelay: () => wakeOutbox(broker.nc),
  });
  // A person waits for this: no lingering.
  const batch = { events: 50, lingerMs: 1 };
  startConsumer(connections, onStop, {
    consumer: "creditApplication",
    decode: decodeWithCause(offerApproved),
    handle,
    config,
    batch,
  });
});
