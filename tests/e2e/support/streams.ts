import { jetstreamManager } from "@nats-io/jetstream";
import type { StoredMsg } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { parseServers } from "../../../platform/messaging/server-url.ts";

/** The body of everything that stands in a stream under a subject, parsed, in order. */
export const streamedMessages = async (
  natsUrl: string,
  stream: string,
  subject: string,
): Promise<unknown[]> =>
  (await streamedTexts(natsUrl, stream, subject)).map((text): unknown => JSON.parse(text));

/** The same as texts; a subject that ends in a dot stands for all below it. */
const streamedTexts = async (natsUrl: string, stream: string, subject: string): Promise<string[]> =>
  (await streamed(natsUrl, stream, subject)).map((message) => message.string());

/** What a header says in everything that stands in a stream under a subject, in order; empty where it is missing. */
export const streamedHeaders = async (
  natsUrl: string,
  stream: string,
  subject: string,
  name: string,
): Promise<string[]> => (await streamed(natsUrl, stream, subject)).map((message) => message.header.get(name));

/** The subject and the trace of everything that stands in a stream under a request's id, in order. */
export const streamedOf = async (
  natsUrl: string,
  stream: string,
  requestId: string,
): Promise<{ subject: string; traceparent: string }[]> =>
  (await stored(natsUrl, stream, ({ header }) => header.get("x-request-id") === requestId)).map(
    ({ subject, header }) => ({ subject, traceparent: header.get("traceparent") }),
  );

const streamed = (natsUrl: string, stream: string, subject: string): Promise<StoredMsg[]> =>
  stored(natsUrl, stream, ({ subject: found }) =>
    subject.endsWith(".") ? found.startsWith(subject) : found === subject,
  );

const stored = async (
  natsUrl: string,
  stream: string,
  meant: (message: StoredMsg) => boolean,
): Promise<StoredMsg[]> => {
  const connection = await connect(parseServers(natsUrl));
  try {
    const manager = await jetstreamManager(connection);
    const { first_seq: first, last_seq: last } = (await manager.streams.info(stream)).state;
    const messages: StoredMsg[] = [];
    for (let seq = first; seq <= last; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message && meant(message)) messages.push(message);
    }
    return messages;
  } finally {
    await connection.close();
  }
};

/** How many messages stand in a stream. */
export const streamSize = async (natsUrl: string, stream: string): Promise<number> => {
  const connection = await connect(parseServers(natsUrl));
  try {
    const manager = await jetstreamManager(connection);
    return (await manager.streams.info(stream)).state.messages;
  } finally {
    await connection.close();
  }
};
