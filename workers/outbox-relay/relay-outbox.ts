import type { Counter } from "prom-client";
import type { Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { publishRows } from "./publish-rows.ts";
import { becomePublisher, claimRows, deleteRows } from "./sql/outbox.ts";

export type RelayDeps = {
  sql: Sql;
  broker: Pick<Broker, "js" | "connected">;
  logger: Logger;
  published: Pick<Counter, "inc">;
  /** How long one transaction publishes, in ms. */
  passMs?: number;
};

const BATCH = 200;
// Well within the 35 s after which a connection that idles in a transaction is given up: one that was always ended before
// its commit would publish the same rows for ever.
const PASS_MS = 5_000;

/**
 * One pass over the outbox: claims rows, publishes them in order and deletes them, in one transaction. A crash in
 * between publishes them again under the same message ids. Returns true when there may be more to do at once.
 */
export const relayOutbox = async ({
  sql,
  broker,
  logger,
  published,
  passMs = PASS_MS,
}: RelayDeps): Promise<boolean> => {
  if (!broker.connected()) return false;
  let blocked: string[] = [];
  for (;;) {
    const pass = await inTransaction(sql, async (tx) => {
      if (!(await becomePublisher(tx))) return undefined;
      const rows = await claimRows(tx, blocked, BATCH);
      if (rows.length === 0) return undefined;
      const result = await publishRows({ broker, logger }, rows, passMs);
      if (result.published.length > 0) await deleteRows(tx, result.published);
      return { ...result, claimed: rows.length };
    });
    if (!pass) return false;
    published.inc(pass.published.length);
    if (pass.published.length > 0) logger.info({ published: pass.published.length }, "outbox relayed");
    if (!broker.connected()) return false;
    if (pass.blocked.length === 0) return pass.brokenOff || pass.claimed === BATCH;
    // A blocked subject must not hide what stands behind it.
    blocked = [...blocked, ...pass.blocked];
  }
};
