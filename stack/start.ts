import { join } from "node:path";
import { messageOf } from "../platform/errors/message-of.ts";
import { setUpAccounts } from "./accounts.ts";
import type { StackConfig } from "./config.ts";
import { emptyHome, openHome } from "./home/home.ts";
import { takeOwnership } from "./home/ownership.ts";
import { openSecrets } from "./home/secrets.ts";
import { prepareNginx } from "./nginx.ts";
import { reserveEntryPort } from "./entry-port.ts";
import { runJob } from "./process/job.ts";
import type { ServerSpec } from "./process/spec.ts";
import type { Stage } from "./processes.ts";
import { installMissing } from "./servers/install.ts";
import { removeStackFile, type StackFile, writeStackFile } from "./stack-file.ts";
import { startProcesses, tuningIn } from "./start-processes.ts";
import { privateServers, releasing, startServers } from "./start-servers.ts";
import { createGroup } from "./supervisor/group.ts";
import { watchLogs } from "./supervisor/log-watch.ts";

export type Stack = {
  /** Resolves with what tools rely on, once everything answers. */
  readonly ready: Promise<StackFile>;
  /** Drains and stops everything; resolves when nothing of it runs any more. */
  readonly stop: () => Promise<void>;
  /** Kills everything at once. */
  readonly kill: () => void;
};

type StackStage = Stage | "proxy" | "server";

// First no new requests, then what answers them, then what works behind, last what all of them stand on.
const STOP_ORDER: readonly StackStage[] = ["proxy", "entry", "service", "worker", "server"];

/** Starts the whole system on this machine; `ready` rejects, everything stopped again, when that fails. */
export const startStack = (config: StackConfig, say: (line: string) => void): Stack => {
  const stopping = new AbortController();
  const home = openHome(config.ECS_HOME, say);
  // Until everything runs each process misses another one, and says so.
  const logs = watchLogs((line) => void (announced && !stopping.signal.aborted && say(line)));
  const group = createGroup<StackStage>({ say, changed: () => noteChange() });
  let ownership: Awaited<ReturnType<typeof takeOwnership>> | undefined;
  let announced: Omit<StackFile, "processes"> | undefined;

  const noteChange = (): void => {
    const running = group.running();
    try {
      ownership?.record(running, stopping.signal.aborted);
      if (announced && !stopping.signal.aborted)
        writeStackFile(home.stackFile, stackFile(announced, running));
    } catch (error) {
      say(`the list of processes could not be written: ${messageOf(error)}`);
    }
  };

  const startOne = (stage: StackStage, spec: ServerSpec): Promise<void> => {
    stopping.signal.throwIfAborted();
    const logFile = join(home.logs, `${spec.name}.log`);
    logs.follow(spec.name, logFile);
    return group.start(stage, { ...spec, logFile });
  };

  const start = async (): Promise<StackFile> => {
    await installMissing(privateServers(config), say);
    ownership = await takeOwnership(home, say);
    removeStackFile(home.stackFile);
    const entryPort = await reserveEntryPort(config.ECS_PORT);
    if (config.fresh) emptyHome(home);
    const secrets = openSecrets(home.secretsFile);
    const keys = {
      jwtSecret: config.JWT_SECRET ?? secrets.jwtSecret,
      internalKey: config.INTERNAL_KEY ?? secrets.internalKey,
      gatewayKey: config.GATEWAY_KEY ?? secrets.gatewayKey,
      mlAdminKey: config.ML_ADMIN_KEY ?? secrets.mlAdminKey,
      ledgerChainKey: config.LEDGER_CHAIN_KEY ?? secrets.ledgerChainKey,
    };

    const startServer = (spec: ServerSpec): Promise<void> => startOne("server", spec);
    const servers = await startServers({ config, home, secrets, start: startServer, say });
    const environment = {
      ...tuningIn(config.env),
      DATABASE_URL: servers.databaseUrl,
      NATS_URL: servers.natsUrl,
      STREAM_REPLICAS: String(servers.streamReplicas),
    };
    await runJob({ args: ["migrations/main.ts"], env: environment, signal: stopping.signal });
    const urls = await startProcesses({ config, home, secrets: keys, servers, start: startOne });
    const accessLog = join(home.logs, "nginx-access.log");
    logs.follow("nginx", accessLog);
    const gateways = urls.get("gateway") ?? [];
    const proxy = prepareNginx({ home, port: entryPort.port, gateways, accessLog });
    await startOne("proxy", releasing(proxy, entryPort));

    const accounts = await setUpAccounts({
      baseUrl: proxy.url,
      databaseUrl: servers.databaseUrl,
      secrets,
      signal: stopping.signal,
    });
    const { internalKey, ledgerChainKey } = keys;
    const { databaseUrl, natsUrl, redisUrl } = servers;
    const addresses = { baseUrl: proxy.url, docsUrl: `${proxy.url}/docs`, databaseUrl, natsUrl, redisUrl };
    announced = { ...addresses, internalKey, ledgerChainKey, ...accounts };
    noteChange();
    return stackFile(announced, group.running());
  };

  const starting = start();
  const stopAll = async (): Promise<void> => {
    stopping.abort();
    // Without the folder in hand, what is in it belongs to another stack.
    if (ownership) removeStackFile(home.stackFile);
    noteChange();
    await group.stop(STOP_ORDER);
    await starting.catch(() => {});
    logs.stop();
    ownership?.release();
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll());

  const ready = starting.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { ready, stop, kill: group.kill };
};

const stackFile = (
  announced: Omit<StackFile, "processes">,
  running: readonly { name: string; pid: number; url: string | undefined }[],
): StackFile => ({
  ...announced,
  processes: running.map(({ name, pid, url }) => ({ name, pid, ...(url && { url }) })),
});
