import type { JetStreamManager } from "@nats-io/jetstream";

// Kept ready on this side, so that a batch fills without a round trip to the broker, also while the one before is
// decoded. Of single events, 4,000 instead of 1,000 are 0.5 µs of CPU less a message for the broker and as much for the
// worker; 8,000 are no better.
const MOST_MESSAGES = 4_000;
const LEAST_MESSAGES = 64;
// Where nothing is known of their size, which may be a quarter of a megabyte.
const UNKNOWN_MESSAGES = 256;
const MOST_BYTES = 8 * 1_024 * 1_024;

/**
 * How many messages a consumer of this stream may fetch ahead: fewer where they are large, so that a backlog of
 * messages of 500 events each does not fill the worker's memory.
 */
export const messagesAhead = async (
  jsm: Pick<JetStreamManager, "streams">,
  stream: string,
): Promise<number> => {
  const { messages, bytes } = (await jsm.streams.info(stream)).state;
  return aheadFor({ messages, bytes });
};

export const aheadFor = ({ messages, bytes }: { messages: number; bytes: number }): number => {
  if (messages === 0) return UNKNOWN_MESSAGES;
  const fitting = Math.floor(MOST_BYTES / (bytes / messages));
  return Math.min(MOST_MESSAGES, Math.max(LEAST_MESSAGES, fitting));
};
