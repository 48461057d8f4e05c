import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** The body of everything that stands in a stream under a subject, in order. */
export const streamedMessages = async (
  natsUrl: string,
  stream: string,
  subject: string,
): Promise<unknown[]> => {
  const connection = await connect(natsOptions(natsUrl));
  try {
    const manager = await jetstreamManager(connection);
    const { first_seq: first, last_seq: last } = (await manager.streams.info(stream)).state;
    const bodies: unknown[] = [];
    for (let seq = first; seq <= last; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message?.subject === subject) bodies.push(message.json());
    }
    return bodies;
  } finally {
    await connection.close();
  }
};

/** How many messages stand in a stream. */
export const streamSize = async (natsUrl: string, stream: string): Promise<number> => {
  const connection = await connect(natsOptions(natsUrl));
  try {
    const manager = await jetstreamManager(connection);
    return (await manager.streams.info(stream)).state.messages;
  } finally {
    await connection.close();
  }
};

// The client takes a token as an option, not inside the URL.
const natsOptions = (natsUrl: string) => {
  const url = new URL(natsUrl);
  return { servers: url.host, ...(url.username && { token: decodeURIComponent(url.username) }) };
};
