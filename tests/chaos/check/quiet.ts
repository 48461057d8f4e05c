import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { Sql } from "postgres";
import { type ConsumerDefinition, consumers } from "../../../contracts/streams.ts";
import { parseServers } from "../../../platform/messaging/server-url.ts";
import { until } from "../../harness/until.ts";

// What a killed worker had in hand comes again after the ack deadline; the backlog may be long.
const QUIET_WITHIN_MS = 180_000;

/** Waits until nothing is on its way any more: no event undelivered or unacknowledged, the outbox empty. */
export const untilQuiet = (sql: Sql, natsUrl: () => string): Promise<boolean> =>
  until(async () => (await backlogOf(natsUrl())) === 0 && (await outboxRows(sql)) === 0, {
    within: QUIET_WITHIN_MS,
    every: 250,
    what: "quiet: consumers drained and the outbox empty",
  });

export const outboxRows = async (sql: Sql): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from outbox`;
  return row?.count ?? 0;
};

/** Messages that these consumers have not been given, or have not acknowledged. */
export const backlogOf = async (
  natsUrl: string,
  of: readonly ConsumerDefinition[] = Object.values(consumers),
): Promise<number> => {
  const connection = await connect({ ...parseServers(natsUrl), timeout: 5_000 });
  try {
    const manager = await jetstreamManager(connection, { timeout: 5_000 });
    let messages = 0;
    for (const { stream, name } of of) {
      const { num_pending, num_ack_pending } = await manager.consumers.info(stream, name);
      messages += num_pending + num_ack_pending;
    }
    return messages;
  } finally {
    await connection.close();
  }
};
