import { closeDatabase, connectDatabase } from "../platform/database/connect.ts";
import type { AppDeps } from "../platform/http/create-app.ts";
import { repeat } from "../platform/lifecycle/repeat.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import { type Broker, connectBroker } from "../platform/messaging/connect.ts";
import { wakeOutbox } from "../platform/messaging/outbox-wake.ts";
import { createHolds } from "./actions/holds.ts";
import { createPost } from "./actions/post.ts";
import type { LedgerDeps } from "./app.ts";
import { followEntries } from "./chain/follow-entries.ts";
import { publishHeads } from "./chain/publish-heads.ts";
import { riskPolicy } from "./config.ts";
import type { Config } from "./config.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { createLedgerMetrics } from "./metrics.ts";
import { retryDue } from "./sql/post-transfers.ts";

const RETRY_EVERY_MS = 1_000;
const RETRY_BATCH = 100;

/** Everything outside this process that it needs, connected and watched; undone at stop. */
export const connect = async (config: Config, deps: AppDeps, onStop: OnStop): Promise<LedgerDeps> => {
  const { logger, metrics, health } = deps;
  const { DATABASE_URL: url, DATABASE_PREPARE: prepare, PROCESS_NAME: name } = config;
  const sql = connectDatabase({ url, prepare, name, max: 10 }, logger);
  onStop("database", () => closeDatabase(sql));
  const lanes = (kind: string): Lanes => {
    const opened = openLanes(config.LEDGER_LANES, { url, prepare, name: `${name} ${kind}` }, logger);
    onStop(`lanes of ${kind}`, () => closeDatabase(opened.sql));
    return opened;
  };

  // For the relay a hint, for the chain's head a place outside of the database: this service works without the broker.
  let broker: Broker | undefined;
  connectBroker({ url: config.NATS_URL, name }, logger).then(
    (connected) => {
      broker = connected;
      heads.wake();
    },
    (error: unknown) =>
      logger.warn({ err: error }, "the relay is not woken: it looks into the outbox by itself"),
  );
  onStop("broker", () => broker?.close());
  const heads = publishHeads({ sql, broker: () => broker, logger, metrics });
  onStop("chain heads", heads.stop);
  const wakeRelay = (): void => {
    if (broker?.connected()) wakeOutbox(broker.nc);
  };

  const measures = createLedgerMetrics(metrics);
  const post = createPost({
    lanes: lanes("transfers"),
    wakeRelay,
    onBatch: (size) => measures.batch.observe(size),
  });
  onStop("transfers in hand", post.stop);
  const holds = createHolds({
    sql,
    lanes: { purchases: lanes("purchases"), captures: lanes("captures"), voids: lanes("voids") },
    wakeRelay,
    policy: riskPolicy(config),
  });
  onStop("authorizations in hand", holds.stop);

  const retries = repeat(logger, "waiting transfers", RETRY_EVERY_MS, async () => {
    const tried = await retryDue(sql, RETRY_BATCH, config.LEDGER_WAIT_HOURS);
    measures.retried.inc(tried);
    if (tried > 0) wakeRelay();
    return tried === RETRY_BATCH;
  });
  onStop("waiting transfers", retries.stop);

  const chain = followEntries({ sql, key: config.LEDGER_CHAIN_KEY, logger, metrics });
  onStop("hash chain", chain.stop);

  health.require("database", async () => void (await sql`select 1`));
  return { ...deps, config, sql, post, holds, wakeRelay };
};
