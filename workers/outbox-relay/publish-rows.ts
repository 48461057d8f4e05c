import { headers } from "@nats-io/nats-core";
import type { Broker } from "../../platform/messaging/connect.ts";
import { publishWithRetry } from "../../platform/messaging/publish-with-retry.ts";
import type { PublishTiming } from "../../platform/messaging/publish-with-retry.ts";
import { traceIdsOf } from "../../platform/observability/trace-ids.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import type { OutboxRow } from "./sql/outbox.ts";

export type PublishedRows = {
  published: string[];
  blocked: string[];
  /** The time was over before every row had been tried. */
  brokenOff: boolean;
};

// Short: the rows are locked meanwhile, and what fails now is tried again in a moment.
const TIMING: PublishTiming = { attemptMs: 1_500, budgetMs: 2_000 };

/**
 * Publishes rows one after the other, each after the acknowledgement of the one before. A subject whose row cannot
 * be published is blocked: its later rows wait behind it, those of other subjects do not. After `maxMs` no further
 * row is begun.
 */
export const publishRows = async (
  deps: { broker: Pick<Broker, "js" | "connected">; logger: Logger },
  rows: readonly OutboxRow[],
  maxMs: number,
): Promise<PublishedRows> => {
  const started = performance.now();
  const published: string[] = [];
  const blocked = new Set<string>();
  for (const row of rows) {
    if (blocked.has(row.subject)) continue;
    if (performance.now() - started > maxMs) return { published, blocked: [...blocked], brokenOff: true };
    // Nothing will be acknowledged any more: keep what has been, and let the transaction end.
    if (!deps.broker.connected()) break;
    try {
      await publishRow(deps.broker, row);
      published.push(row.id);
    } catch (error) {
      blocked.add(row.subject);
      deps.logger.error(
        { ...traceIdsOf(row.headers), err: error, subject: row.subject, outboxId: row.id },
        "outbox row not published: its subject waits",
      );
    }
  }
  return { published, blocked: [...blocked], brokenOff: false };
};

const publishRow = async (broker: Pick<Broker, "js">, row: OutboxRow): Promise<void> => {
  const carried = headers();
  carried.set("Content-Type", "application/json");
  for (const [name, value] of Object.entries(row.headers)) carried.set(name, value);
  await publishWithRetry(
    broker,
    { subject: row.subject, body: row.payload, messageId: row.message_id, headers: carried },
    TIMING,
  );
};
