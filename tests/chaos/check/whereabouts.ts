import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { streams } from "../../../contracts/streams.ts";
import { parseServers } from "../../../platform/messaging/server-url.ts";

const READ_WITHIN_MS = 120_000;

/**
 * Which of these events the broker holds: those it lost itself are in no stream, those that a worker passed over are.
 * @param eventIds of telemetry that is in no table
 */
export const stillInStreams = async (
  natsUrl: string,
  eventIds: ReadonlySet<string>,
): Promise<Set<string>> => {
  const connection = await connect({ ...parseServers(natsUrl), timeout: 5_000 });
  try {
    const js = jetstream(connection);
    const emotions = await eventIdsIn(js, streams.EMOTIONS.name);
    const transactions = await eventIdsIn(js, streams.TRANSACTIONS.name);
    return new Set([...emotions, ...transactions].filter((id) => eventIds.has(id)));
  } finally {
    await connection.close();
  }
};

const eventIdsIn = async (js: ReturnType<typeof jetstream>, stream: string): Promise<string[]> => {
  const consumer = await js.consumers.get(stream);
  const { num_pending: messages } = await consumer.info();
  if (messages === 0) return [];
  const ids: string[] = [];
  const reading = await consumer.consume({ max_messages: 1_000 });
  const timer = setTimeout(() => reading.stop(), READ_WITHIN_MS);
  for await (const message of reading) {
    for (const [, id] of message.string().matchAll(/"eventId":"([^"]+)"/g)) ids.push(id!);
    if (message.info.pending === 0) break;
  }
  clearTimeout(timer);
  return ids;
};
