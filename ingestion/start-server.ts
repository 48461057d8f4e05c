import { serveHttp } from "../platform/http/serve.ts";
import type { HttpServer } from "../platform/http/serve.ts";
import type { OnStop } from "../platform/lifecycle/run-process.ts";
import type { Intake } from "./app.ts";
import type { Config } from "./config.ts";
import { serveEmotionSocket } from "./socket/serve-emotion-socket.ts";
import type { SocketServerDeps } from "./socket/serve-emotion-socket.ts";

/** HTTP, and WebSockets where emotions come in; sockets end before HTTP does. */
export const startServer = async (
  { app, direct }: Intake,
  config: Pick<Config, "HOST" | "PORT" | "GATEWAY_KEY" | "INGESTION_ROLE">,
  deps: SocketServerDeps,
  onStop: OnStop,
): Promise<HttpServer> => {
  const at = { host: config.HOST, port: config.PORT, direct };
  if (config.INGESTION_ROLE !== "emotion") {
    const server = await serveHttp(app, at);
    onStop("http", server.stop);
    return server;
  }
  const sockets = serveEmotionSocket(config.GATEWAY_KEY, deps);
  const server = await serveHttp(app, { ...at, upgrade: sockets.upgrade });
  onStop("http", server.stop);
  onStop("sockets", sockets.stop);
  return server;
};
