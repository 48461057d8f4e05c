import { FUTURE_TOLERANCE_MS, RETENTION_DAYS } from "../../contracts/event-time.ts";
import { consumers, streams } from "../../contracts/streams.ts";
import { DAY_MS, dropOldPartitions, ensurePartitions } from "../../platform/database/partitions.ts";
import { turnTable } from "../../platform/database/turn-table.ts";
import { repeat } from "../../platform/lifecycle/repeat.ts";
import type { OnStop } from "../../platform/lifecycle/run-process.ts";
import { purgeAcknowledged } from "../../platform/messaging/purge-acknowledged.ts";
import type { WorkerConnections } from "../connect-worker.ts";

const HOUR_MS = 60 * 60 * 1_000;
// Soon enough that a small stream is purged at 70 % before intake, which refuses from 80 % on, notices anything.
const PURGE_EVERY_MS = 2_500;
// A process that runs without restart for two months still has partitions ahead should every attempt fail.
const AHEAD_MS = 62 * DAY_MS;
// An event may be just young enough when intake takes it, and wait in the stream for as long as that keeps it.
const KEEP_MS = RETENTION_DAYS * DAY_MS + streams.EMOTIONS.maxAgeMs + FUTURE_TOLERANCE_MS;

export type Housekeeping = {
  /** Partitioned by month, and the table that holds its rows' identities. */
  table: { parent: string; identities: string };
  /** The one whose stream is kept from filling up. */
  consumer: "emotionProcessing" | "transactionProcessing";
};

/**
 * Keeps a telemetry table's partitions made ahead, the old ones dropped and its identities turned, and its stream from
 * filling up. Every worker does it; the database's locks let one at a time.
 */
export const keepHouse = (
  { broker, sql, logger }: Pick<WorkerConnections, "broker" | "sql" | "logger">,
  onStop: OnStop,
  { table, consumer }: Housekeeping,
): void => {
  const partitions = repeat(logger, "partitions", HOUR_MS, async () => {
    const now = Date.now();
    const oldest = new Date(now - KEEP_MS);
    const made = await ensurePartitions(sql, table.parent, oldest, new Date(now + AHEAD_MS));
    const dropped = await dropOldPartitions(sql, table.parent, oldest);
    const turned = await turnTable(sql, table.identities, KEEP_MS);
    if (made > 0 || dropped.length > 0 || turned)
      logger.info({ table: table.parent, made, dropped, turned }, "partitions kept");
  });
  onStop("partitions", partitions.stop);
  const purge = repeat(logger, "purge", PURGE_EVERY_MS, async () => {
    if (broker.connected()) await purgeAcknowledged(broker, consumers[consumer], logger);
  });
  onStop("purge", purge.stop);
};
