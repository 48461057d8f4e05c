import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { Sql } from "../../platform/database/connect.ts";
import { outboxBacklog } from "./sql/outbox.ts";

export const createRelayMetrics = (metrics: Registry) => ({
  published: new Counter({
    name: "outbox_published_total",
    help: "Outbox rows published and deleted",
    registers: [metrics],
  }),
  stuck: new Counter({
    name: "credit_acceptances_overdue_total",
    help: "Acceptances announced again because no activation followed",
    registers: [metrics],
  }),
  rows: new Gauge({ name: "outbox_rows", help: "Rows waiting in the outbox", registers: [metrics] }),
  oldest: new Gauge({
    name: "outbox_oldest_seconds",
    help: "Age of the oldest row in the outbox",
    registers: [metrics],
  }),
});

/** Measures what waits in the outbox. */
export const measureBacklog = async (
  sql: Sql,
  { rows, oldest }: Pick<ReturnType<typeof createRelayMetrics>, "rows" | "oldest">,
): Promise<void> => {
  const backlog = await outboxBacklog(sql);
  rows.set(backlog.rows);
  oldest.set(backlog.oldestSeconds);
};
