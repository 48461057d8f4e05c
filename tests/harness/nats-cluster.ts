import { join } from "node:path";
import type { JetStreamManager } from "@nats-io/jetstream";
import { clusterUrl, MEMBERS, prepareCluster } from "../../stack/servers/nats-cluster.ts";
import { type Server, startServer } from "../../stack/servers/server.ts";
import { OWN_PORTS } from "./own-port.ts";
import { removeTemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export type Member = Server & {
  /** Where it keeps its streams. */
  readonly store: string;
};

export type NatsCluster = AsyncDisposable & {
  /** Names every member. */
  readonly url: string;
  readonly members: readonly Member[];
  /** The member that leads a stream now. */
  readonly leaderOf: (jsm: JetStreamManager, stream: string) => Promise<Member>;
};

/** Three NATS servers with one clustered JetStream; they may still have to choose their leader. */
export const startNatsCluster = async (): Promise<NatsCluster> => {
  const folder = temporaryFolder("nats-cluster");
  const prepared = await prepareCluster({
    folder,
    token: "a-token",
    memberToken: "between-members",
    among: OWN_PORTS,
  });
  for (const { reservations } of prepared) for (const { release } of reservations) await release();
  const servers = await Promise.all(prepared.map(({ spec }) => startServer(spec)));
  const members = servers.map(
    (server, index) =>
      Object.create(server, {
        store: { value: join(folder, MEMBERS[index]!, "jetstream") },
      }) as Member,
  );
  const leaderOf = (jsm: JetStreamManager, stream: string): Promise<Member> =>
    until(
      async () => {
        const { cluster } = await jsm.streams.info(stream);
        return members.find(({ name }) => name === cluster?.leader);
      },
      { within: 80_000, every: 100, what: `a leader of ${stream}` },
    );
  return {
    url: clusterUrl(prepared),
    members,
    leaderOf,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      removeTemporaryFolder(folder);
    },
  };
};
