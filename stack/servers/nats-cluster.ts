import { mkdirSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { parseServers } from "../../platform/messaging/server-url.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { type PortRange, reserveFreePort, type Reservation } from "../process/free-port.ts";
import type { ServerSpec } from "../process/spec.ts";
import { prepareNats } from "./nats.ts";

/** The members' names, and those of their folders. Three: the smallest number that outlives one of them. */
export const MEMBERS = ["nats-1", "nats-2", "nats-3"] as const;

export type ClusterOptions = {
  /** Where each member has a folder of its own. */
  readonly folder: string;
  readonly token: string;
  /** The secret that the members show each other. */
  readonly memberToken: string;
  readonly sync?: string | undefined;
  readonly memory?: string | undefined;
  /** Where its ports are looked for, if not among all that servers may have. */
  readonly among?: PortRange;
};

export type ClusterMember = { readonly spec: ServerSpec; readonly reservations: readonly Reservation[] };

const LEADERS_WITHIN_MS = 60_000;
const ASK_WITHIN_MS = 1_500;

/** Three NATS servers with one clustered JetStream, each port held until its server starts. */
export const prepareCluster = async (options: ClusterOptions): Promise<ClusterMember[]> => {
  const { folder, token, memberToken, sync, memory, among } = options;
  const ports = await Promise.all(
    MEMBERS.map(async () => ({ client: await reserveFreePort(among), route: await reserveFreePort(among) })),
  );
  const maxStore = `${shareOfDisk(folder)}MB`;
  const routes = ports.map(({ route }) => route.port);
  return Promise.all(
    MEMBERS.map(async (name, index) => {
      const { client, route } = ports[index]!;
      const member = { name, port: route.port, ports: routes, token: memberToken };
      const own = join(folder, name);
      const spec = await prepareNats({
        folder: own,
        port: client.port,
        token,
        maxStore,
        sync,
        memory,
        member,
      });
      return { spec, reservations: [client, route] };
    }),
  );
};

/** The URL that names every member. */
export const clusterUrl = (members: readonly ClusterMember[]): string =>
  members.map(({ spec }) => spec.url).join(",");

/**
 * Waits until the cluster has a leader that makes streams, and each stream that is there has its own.
 * @throws Error with what is still missing when that takes too long
 */
export const untilLed = async (url: string, withinMs = LEADERS_WITHIN_MS): Promise<void> => {
  const deadline = Date.now() + withinMs;
  const nc = await connect({ ...parseServers(url), name: "stack", waitOnFirstConnect: true });
  try {
    const jsm = await jetstreamManager(nc, { timeout: ASK_WITHIN_MS, checkAPI: false });
    for (let missing = await whatIsMissing(jsm); missing; missing = await whatIsMissing(jsm)) {
      if (Date.now() > deadline) throw new Error(notLed(withinMs, missing));
      await sleep(100);
    }
  } finally {
    await nc.close();
  }
};

const whatIsMissing = async (jsm: JetStreamManager): Promise<string | undefined> => {
  try {
    await jsm.getAccountInfo();
    for await (const name of jsm.streams.names()) {
      // Only a stream's leader answers for it.
      const { cluster } = await jsm.streams.info(name);
      if (cluster && !cluster.leader) return `${name} has no leader`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
};

const notLed = (withinMs: number, missing: string): string =>
  `the NATS cluster has not chosen its leaders within ${withinMs / 1_000} s (${missing}): ` +
  "at least two of its three servers must run; their logs are nats-1.log, nats-2.log and nats-3.log";

// The members share one disk: each may promise a third of three quarters of it, what they hold already included.
const shareOfDisk = (folder: string): number => {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const held = MEMBERS.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
  return Math.floor(((bavail * bsize + held) * 0.75) / MEMBERS.length / 2 ** 20);
};

const sizeOf = (folder: string): number => {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0);
  } catch {
    // Nothing there yet.
    return 0;
  }
};
