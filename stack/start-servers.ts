import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StackConfig } from "./config.ts";
import type { Home } from "./home/home.ts";
import type { Secrets } from "./home/secrets.ts";
import { reserveFreePort, type Reservation } from "./process/free-port.ts";
import type { ServerSpec } from "./process/spec.ts";
import { requireListener } from "./servers/external.ts";
import { clusterUrl, MEMBERS, prepareCluster, untilLed } from "./servers/nats-cluster.ts";
import { requireServer } from "./servers/missing.ts";
import { clusterWarning, natsVersion } from "./servers/nats-version.ts";
import { prepareNats } from "./servers/nats.ts";
import { ensureDatabase, preparePostgres } from "./servers/postgres.ts";
import { prepareRedis } from "./servers/redis.ts";
import type { ServerName } from "./servers/programs.ts";

export type ServerUrls = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Copies that the broker keeps of each stream. */
  readonly streamReplicas: number;
};

type Deps = {
  readonly config: StackConfig;
  readonly home: Home;
  readonly secrets: Secrets;
  /** Starts a server and keeps it running. */
  readonly start: (spec: ServerSpec) => Promise<void>;
  readonly say: (line: string) => void;
};

/** The servers that a stack with this configuration starts itself. */
export const privateServers = (config: StackConfig): ServerName[] => [
  ...(config.DATABASE_URL ? [] : (["postgres"] as const)),
  ...(config.NATS_URL ? [] : (["nats"] as const)),
  ...(config.REDIS_URL ? [] : (["redis"] as const)),
  "nginx",
];

/** Starts PostgreSQL, NATS and Redis side by side, or finds those that the environment names. */
export const startServers = async (deps: Deps): Promise<ServerUrls> => {
  const [databaseUrl, natsUrl, redisUrl] = await Promise.all([database(deps), broker(deps), cache(deps)]);
  return { databaseUrl, natsUrl, redisUrl, streamReplicas: replicasOf(deps.config) };
};

// A server of our own that stands alone can keep one copy only.
const replicasOf = ({ cluster, NATS_URL, STREAM_REPLICAS }: StackConfig): number => {
  if (cluster) return MEMBERS.length;
  return NATS_URL ? STREAM_REPLICAS : 1;
};

const database = async ({ config, home, secrets, start }: Deps): Promise<string> => {
  if (config.DATABASE_URL) {
    await requireListener("DATABASE_URL", config.DATABASE_URL, 5432);
    return config.DATABASE_URL;
  }
  const folder = join(home.data, "postgres");
  const spec = await onReservedPort((port) =>
    preparePostgres({ folder, port, password: secrets.databasePassword }),
  );
  await start(spec);
  return ensureDatabase(spec.url, "ecs");
};

const broker = async ({ config, home, secrets, start, say }: Deps): Promise<string> => {
  if (config.NATS_URL) {
    await requireListener("NATS_URL", config.NATS_URL, 4222);
    return config.NATS_URL;
  }
  refuseOtherKind(home, config.cluster);
  const { natsToken: token, natsMemberToken: memberToken } = secrets;
  const { ECS_NATS_SYNC: sync, ECS_NATS_MEMORY: memory } = config;
  if (config.cluster) {
    const warning = clusterWarning(natsVersion(requireServer("nats")));
    if (warning) say(warning);
    const members = await prepareCluster({ folder: home.data, token, memberToken, sync, memory });
    await Promise.all(members.map(({ spec, reservations }) => start(releasing(spec, ...reservations))));
    const url = clusterUrl(members);
    await untilLed(url);
    return url;
  }
  const folder = join(home.data, "nats");
  const spec = await onReservedPort((port) => prepareNats({ folder, port, token, sync, memory }));
  await start(spec);
  return spec.url;
};

// A server that was alone does not bring its streams into a cluster, nor a member its share out of one: what was
// acknowledged and not yet worked off would stay behind.
const refuseOtherKind = ({ data, folder }: Home, cluster: boolean): void => {
  if (!existsSync(join(data, cluster ? "nats" : MEMBERS[0]))) return;
  const [kind, start] = cluster
    ? ["one NATS server", "npm start -- --cluster"]
    : ["a NATS cluster", "npm start --"];
  const other = cluster ? "leave out --cluster" : "add --cluster";
  throw new Error(
    `the events in ${folder} are kept by ${kind}, and cannot be taken over: ${other}, ` +
      `use another folder with ECS_HOME, or begin with empty data: ${start} --fresh`,
  );
};

const cache = async ({ config, home, secrets, start }: Deps): Promise<string> => {
  if (config.REDIS_URL) {
    await requireListener("REDIS_URL", config.REDIS_URL, 6379);
    return config.REDIS_URL;
  }
  const folder = join(home.data, "redis");
  const spec = await onReservedPort((port) =>
    prepareRedis({ folder, port, password: secrets.redisPassword }),
  );
  await start(spec);
  return spec.url;
};

const onReservedPort = async (prepare: (port: number) => Promise<ServerSpec>): Promise<ServerSpec> => {
  const reservation = await reserveFreePort();
  return releasing(await prepare(reservation.port), reservation);
};

/** The same process, given its ports at the moment it starts. */
export const releasing = (spec: ServerSpec, ...reservations: readonly Reservation[]): ServerSpec => ({
  ...spec,
  beforeStart: async () => {
    for (const reservation of reservations) await reservation.release();
    await spec.beforeStart?.();
  },
});
