import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import { WebSocketServer } from "ws";
import { CLOSE_CODES, SOCKET_LIMITS, emotionSocket } from "../../contracts/http/emotion-socket.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { keepAlive } from "../../platform/http/keep-alive-socket.ts";
import { refuseUpgrade } from "../../platform/http/refuse-upgrade.ts";
import { headerOf } from "../../platform/http/request-header.ts";
import { REQUEST_ID_HEADER, requestIdFrom } from "../../platform/http/request-id.ts";
import { requireAnySender } from "../../platform/identity/authorize.ts";
import {
  CALLER_ID_HEADER,
  CALLER_KIND_HEADER,
  GATEWAY_KEY_HEADER,
  callerFrom,
} from "../../platform/identity/caller.ts";
import { secretMatcher } from "../../platform/identity/secrets-equal.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { openSession } from "./open-session.ts";
import type { Session, SessionDeps } from "./open-session.ts";

export type SocketServerDeps = SessionDeps & { logger: Logger; metrics: Registry };

export type SocketServer = {
  upgrade: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Lets nobody in any more, and ends every session in order. */
  stop: () => Promise<void>;
};

// Longer than publishing takes.
const END_WITHIN_MS = 10_000;
const PING_EVERY_MS = 20_000;

/** Takes WebSocket connections from the gateway, which answers for who is calling. */
export const serveEmotionSocket = (gatewayKey: string, deps: SocketServerDeps): SocketServer => {
  const isGateway = secretMatcher(gatewayKey);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.frameBytes,
    perMessageDeflate: false,
  });
  const sessions = new Set<Session>();
  let stopping = false;
  const open = new Gauge({
    name: "emotion_sockets_open",
    help: "WebSocket connections of devices",
    registers: [deps.metrics],
  });

  const admit = (incoming: IncomingMessage) => {
    if (incoming.url?.split("?", 1)[0] !== emotionSocket.path)
      throw new AppError("route_not_found", "No WebSocket is served here");
    if (!isGateway(headerOf(incoming, GATEWAY_KEY_HEADER)))
      throw new AppError("unauthenticated", "This service is reached through the gateway only");
    const caller = callerFrom(headerOf(incoming, CALLER_KIND_HEADER), headerOf(incoming, CALLER_ID_HEADER));
    requireAnySender(caller);
    if (stopping) throw new AppError("service_unavailable", "This instance is about to stop");
    return { caller, traceId: requestIdFrom(headerOf(incoming, REQUEST_ID_HEADER)) };
  };

  return {
    upgrade: (incoming, socket, head) => {
      socket.on("error", () => {});
      let who: ReturnType<typeof admit>;
      try {
        who = admit(incoming);
      } catch (error) {
        refuseUpgrade(incoming, socket, error);
        return;
      }
      server.handleUpgrade(incoming, socket, head, (connection) => {
        const started = performance.now();
        const session = openSession(connection, deps, who);
        sessions.add(session);
        open.set(sessions.size);
        keepAlive(connection, PING_EVERY_MS);
        connection.on("error", (error) => deps.logger.warn({ err: error, requestId: who.traceId }, "socket"));
        connection.once("close", (code) => {
          sessions.delete(session);
          open.set(sessions.size);
          const { caller, traceId: requestId } = who;
          const ms = Math.round(performance.now() - started);
          const userId = "id" in caller ? { userId: caller.id } : {};
          deps.logger.info({ requestId, caller: caller.kind, ...userId, code, ms }, "socket closed");
        });
      });
    },
    stop: async () => {
      stopping = true;
      const late = setTimeout(() => {
        for (const client of server.clients) client.terminate();
      }, END_WITHIN_MS);
      await Promise.all([...sessions].map(({ end }) => end(CLOSE_CODES.restart)));
      clearTimeout(late);
    },
  };
};
