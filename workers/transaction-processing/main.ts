import { transactionEvent } from "../../contracts/events/transaction-event.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { decodeWith } from "../decode-with.ts";
import { createIntakeCounter } from "../telemetry/intake-metrics.ts";
import { keepHouse } from "../telemetry/keep-house.ts";
import { readPlainTransaction } from "../telemetry/plain-event.ts";
import { startConsumer } from "../start-consumer.ts";
import { configSchema } from "./config.ts";
import { persistTransactions } from "./persist-transactions.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const connections = await connectWorker(config, logger, onStop, { connections: 4 });
  const count = createIntakeCounter(connections.metrics);
  startConsumer(connections, onStop, {
    consumer: "transactionProcessing",
    decode: decodeWith(transactionEvent),
    readPlain: readPlainTransaction,
    handle: persistTransactions({ sql: connections.sql, count }),
    config,
  });
  keepHouse(connections, onStop, {
    table: { parent: "transactions", identities: "transaction_identities" },
    consumer: "transactionProcessing",
  });
});
