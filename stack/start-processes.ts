import { readFileSync } from "node:fs";
import type { StackConfig } from "./config.ts";
import type { Home } from "./home/home.ts";
import { reserveFreePort, type Reservation } from "./process/free-port.ts";
import { nodeProcess } from "./process/node-process.ts";
import type { ServerSpec } from "./process/spec.ts";
import { type ProcessEntry, PROCESSES, replicasOf, type Stage, type Surroundings } from "./processes.ts";
import { inRoot } from "./root.ts";
import { releasing, type ServerUrls } from "./start-servers.ts";

type Deps = {
  readonly config: StackConfig;
  readonly home: Home;
  readonly secrets: Surroundings["secrets"];
  readonly servers: ServerUrls;
  readonly start: (stage: Stage, spec: ServerSpec) => Promise<void>;
};

type Replica = { readonly name: string; readonly entry: ProcessEntry; readonly reservation: Reservation };

/** Starts every process of the system side by side. Returns the base URLs of each one's replicas, by its name. */
export const startProcesses = async (deps: Deps): Promise<ReadonlyMap<string, string[]>> => {
  const { config, home, start } = deps;
  const replicas = await reservePorts(config.env);
  const urls = new Map<string, string[]>();
  for (const { entry, reservation } of replicas) {
    urls.set(entry.name, [...(urls.get(entry.name) ?? []), `http://127.0.0.1:${reservation.port}`]);
  }
  const surroundings: Surroundings = {
    ...deps.servers,
    secrets: deps.secrets,
    urlsOf: (name) => (urls.get(name) ?? []).join(","),
  };
  const tuning = tuningIn(config.env);
  await Promise.all(
    replicas.map(({ name, entry, reservation }) => {
      const env = { ...tuning, ECS_HOME: home.folder, ...entry.environment(surroundings) };
      const spec = nodeProcess({ name, entry: entry.entry, port: reservation.port, env, logFile: "" });
      return start(entry.stage, releasing(spec, reservation));
    }),
  );
  return urls;
};

const reservePorts = async (env: NodeJS.ProcessEnv): Promise<Replica[]> => {
  const replicas = PROCESSES.flatMap((entry) =>
    Array.from({ length: replicasOf(entry, env) }, (_, index) => ({
      name: `${entry.name}-${index + 1}`,
      entry,
    })),
  );
  return Promise.all(replicas.map(async (replica) => ({ ...replica, reservation: await reserveFreePort() })));
};

/** What the shell sets of the variables that `.env.example` names: they reach every process. */
export const tuningIn = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const names = readFileSync(inRoot(".env.example"), "utf8").matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm);
  return Object.fromEntries([...names].flatMap(([, name = ""]) => (env[name] ? [[name, env[name]]] : [])));
};
