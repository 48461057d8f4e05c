import { TUNING } from "../faults/support/tuning.ts";
import { type PrivateStack, startPrivateStack } from "../harness/private-stack.ts";
import { type Server, startNats, startPostgres, startRedis } from "../harness/servers.ts";
import { startTcpProxy, type TcpProxy } from "../harness/tcp-proxy.ts";

export type ServerName = "postgres" | "nats" | "redis";

/** A server of our own, and the link over which the stack reaches it. */
export type LinkedServer = { readonly server: Server; readonly link: TcpProxy };

/** A stack of its own and everything about it that can be broken. */
export type Arena = AsyncDisposable & {
  readonly stack: PrivateStack;
  /** In a cluster the stack runs the brokers itself, and there is no `nats` here. */
  readonly servers: ReadonlyMap<ServerName, LinkedServer>;
  /** Past the links, for those who check. */
  readonly databaseUrl: string;
  readonly natsUrl: () => string;
};

/** Starts servers, links to them, and a stack that knows only the links. */
export const openArena = async ({ cluster }: { cluster: boolean }): Promise<Arena> => {
  const opened = new AsyncDisposableStack();
  try {
    const servers = new Map<ServerName, LinkedServer>();
    const link = async (name: ServerName, server: Server, url = server.url): Promise<string> => {
      opened.use(server);
      const proxy = opened.use(await startTcpProxy(server.port));
      servers.set(name, { server, link: proxy });
      return throughPort(url, proxy.port);
    };
    const postgres = await startPostgres({ maxConnections: 200, sharedBuffers: "256MB" });
    const env: NodeJS.ProcessEnv = {
      ...TUNING,
      DATABASE_URL: await link("postgres", postgres, postgres.databaseUrl),
      REDIS_URL: await link("redis", await startRedis({ password: "chaos" })),
    };
    const nats = cluster ? undefined : await startNats({ token: "chaos" });
    if (nats) env["NATS_URL"] = await link("nats", nats);
    const stack = opened.use(await startPrivateStack(env, cluster ? ["--cluster"] : []));
    const all = opened.move();
    return {
      stack,
      servers,
      databaseUrl: postgres.databaseUrl,
      natsUrl: () => nats?.url ?? stack.file().natsUrl,
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
};

const throughPort = (url: string, port: number): string => {
  const linked = new URL(url);
  linked.port = String(port);
  return linked.href;
};
