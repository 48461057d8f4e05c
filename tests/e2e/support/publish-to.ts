import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { parseServers } from "../../../platform/messaging/server-url.ts";

/** Publishes a message straight to a stream's subject, past every check of intake. */
export const publishTo = async (natsUrl: string, subject: string, body: string): Promise<void> => {
  const connection = await connect(parseServers(natsUrl));
  try {
    await jetstream(connection).publish(subject, body);
  } finally {
    await connection.close();
  }
};
