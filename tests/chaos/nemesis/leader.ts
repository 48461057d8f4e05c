import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { parseServers } from "../../../platform/messaging/server-url.ts";
import type { StackFile } from "../../../stack/stack-file.ts";

/** The name in `stack.json` of the broker that leads a stream now. */
export const leaderOf = async ({ natsUrl, processes }: StackFile, stream: string): Promise<string> => {
  const connection = await connect({ ...parseServers(natsUrl), timeout: 5_000 });
  try {
    const manager = await jetstreamManager(connection, { timeout: 5_000 });
    const leader = (await manager.streams.info(stream)).cluster?.leader;
    const found = processes.find(({ name }) => name === leader);
    if (!found) throw new Error(`the leader of ${stream}, ${leader}, is no process of the stack`);
    return found.name;
  } finally {
    await connection.close();
  }
};
