import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { Server as NetServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { App } from "./create-app.ts";
import type { DirectRoutes } from "./direct-routes.ts";
import { refuseUnparsed, refuseUnusable } from "./refuse-malformed.ts";

export type HttpServer = {
  url: string;
  /** Answers what has come in, tells clients to go elsewhere, then closes. Resolves when nothing is open. */
  stop: () => Promise<void>;
};

export type ServeOptions = {
  host: string;
  port: number;
  /** How long kept-alive connections are still served, each answer closing its own, before they are cut. */
  drainMs?: number;
  /** Routes that are answered without the framework. */
  direct?: DirectRoutes | undefined;
  /** Takes over connections that are to become something else; whoever gives it ends them before the server stops. */
  upgrade?: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

// Longer than what the balancers in front keep idle connections for, so that they close first and never meet a
// connection that we are closing at the same moment.
const KEEP_ALIVE_MS = 75_000;
const IN_FLIGHT_DEADLINE_MS = 10_000;
const SWEEP_MS = 50;

export const serveHttp = async (app: App, options: ServeOptions): Promise<HttpServer> => {
  const listener = getRequestListener(app.fetch, { errorHandler: refuseUnusable });
  const answer: RequestListener = (incoming, outgoing) => void listener(incoming, outgoing);
  const { direct } = options;
  const server = createServer((incoming, outgoing) => {
    if (!direct?.(incoming, outgoing, answer)) answer(incoming, outgoing);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = 15_000;
  server.requestTimeout = 30_000;
  server.on("clientError", refuseUnparsed);
  if (options.upgrade) server.on("upgrade", options.upgrade);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${options.host}:${port}`,
    stop: async () => {
      server.prependListener("request", (_request, response) => response.setHeader("connection", "close"));
      // http.Server.close would cut idle connections at once, under requests that are on their way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      await Promise.race([closed, sleep(options.drainMs ?? 250)]);
      // An answer that was under way when the stop began leaves its connection open behind it.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      server.closeIdleConnections();
      await Promise.race([closed, sleep(IN_FLIGHT_DEADLINE_MS)]);
      clearInterval(sweep);
      server.closeAllConnections();
      await closed;
    },
  };
};

const listen = (server: Server, { host, port }: ServeOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, 1_024, () => {
      server.off("error", reject);
      resolve();
    });
  });
