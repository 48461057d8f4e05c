import { randomUUID } from "node:crypto";
import { subjects } from "../../contracts/subjects.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { wakeOutbox } from "../../platform/messaging/outbox-wake.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { configSchema } from "./config.ts";
import { createSagaMetrics, measureSagas } from "./metrics.ts";
import { runSagas } from "./run-sagas.ts";
import { expireHolds } from "./sql/sagas.ts";

const EXPIRE_BATCH = 500;

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const { broker, sql, metrics } = await connectWorker(config, logger, onStop, { connections: 4 });
  const measures = createSagaMetrics(metrics);
  const wakeRelay = (): void => wakeOutbox(broker.nc);
  const deps = {
    sql,
    logger,
    wakeRelay,
    worker: `${config.PROCESS_NAME} ${randomUUID()}`,
    count: (labels: { step: string; result: string }, by: number) => measures.steps.inc(labels, by),
    timing: {
      leaseSeconds: config.SAGA_LEASE_SECONDS,
      stepSeconds: config.SAGA_STEP_SECONDS,
      retryBaseMs: Math.min(config.RETRY_BASE_MS, 1_000),
    },
  };
  const sagas = repeat(logger, "sagas", config.SAGA_POLL_MS, () => runSagas(deps));
  onStop("sagas", sagas.stop);
  // Only a signal: what it tells of is in the table, and found without it a little later.
  const approvals = broker.nc.subscribe(`${subjects.authorizations}.approved`, {
    callback: () => sagas.wake(),
  });
  onStop("signal", () => approvals.unsubscribe());

  const expiry = repeat(logger, "expiry", config.SAGA_POLL_MS, async () => {
    const expired = await expireHolds(sql, EXPIRE_BATCH);
    measures.expired.inc(expired);
    if (expired > 0) wakeRelay();
    return expired === EXPIRE_BATCH;
  });
  onStop("expiry", expiry.stop);
  const measuring = repeat(logger, "measures", 5_000, () => measureSagas(sql, measures));
  onStop("measures", measuring.stop);
});
