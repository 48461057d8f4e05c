import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import { WebSocketServer } from "ws";
import { CLOSE_CODES, SOCKET_LIMITS, emotionSocket } from "../../contracts/http/emotion-socket.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { parametersOf, requireKnownQuery } from "../../platform/http/known-query.ts";
import { refuseUpgrade } from "../../platform/http/refuse-upgrade.ts";
import { headerOf } from "../../platform/http/request-header.ts";
import { REQUEST_ID_HEADER, requestIdFrom } from "../../platform/http/request-id.ts";
import { requireAnySender } from "../../platform/identity/authorize.ts";
import { GATEWAY_KEY_HEADER, callerHeaders } from "../../platform/identity/caller.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { authenticate, bearerOf } from "../identity/authenticate.ts";
import type { Credentials } from "../identity/authenticate.ts";
import type { Revocations } from "../identity/revocations.ts";
import { checkQuota } from "../limits/check-quota.ts";
import type { Quotas } from "../limits/check-quota.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { dial } from "./dial.ts";
import { relay } from "./relay.ts";
import type { Relay } from "./relay.ts";

export type SocketProxyDeps = {
  credentials: Credentials;
  revocations: Pick<Revocations, "onRevoked">;
  quotas: Quotas;
  gatewayKey: string;
  upstream: Upstream;
  registry: Registry;
  heartbeatMs: number;
};

export type SocketProxy = {
  upgrade: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Lets nobody in any more, and ends every connection in order. */
  stop: () => Promise<void>;
};

/** WebSocket connections of devices: who calls, have they quota; then a connection to a replica, and frames both ways. */
export const proxySocket = (deps: SocketProxyDeps): SocketProxy => {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.frameBytes,
    perMessageDeflate: false,
  });
  const { tokens } = deps.credentials;
  // With the token that each came with, where it is not the internal key that opened it.
  const relays = new Map<Relay, string | undefined>();
  let stopping = false;
  const open = new Gauge({
    name: "gateway_sockets_open",
    help: "WebSocket connections of clients",
    registers: [deps.registry],
  });

  const admit = async (incoming: IncomingMessage): Promise<Caller> => {
    if (incoming.url?.split("?", 1)[0] !== emotionSocket.path)
      throw new AppError("route_not_found", "No WebSocket is served here");
    const caller = authenticate(incoming.headers, "bearer or internal key", deps.credentials);
    requireAnySender(caller);
    requireKnownQuery(TAKEN, incoming.url ?? "");
    await checkQuota(deps.quotas, "default", caller, incoming);
    if (stopping) throw stoppingError();
    return caller;
  };

  const connect = async (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const caller = await admit(incoming);
    const token = caller.kind === "internal" ? undefined : bearerOf(incoming.headers.authorization);
    const expiresAt = token === undefined ? undefined : tokens.verify(token).expiresAt;
    const service = await dial(deps.upstream, {
      [GATEWAY_KEY_HEADER]: deps.gatewayKey,
      ...callerHeaders(caller),
      [REQUEST_ID_HEADER]: requestIdFrom(headerOf(incoming, REQUEST_ID_HEADER)),
    });
    if (stopping || socket.destroyed) {
      service.terminate();
      throw stoppingError();
    }
    server.handleUpgrade(incoming, socket, head, (client) => {
      const relayed = relay(client, service, {
        heartbeatMs: deps.heartbeatMs,
        expiresAt,
        slowDown: () => slowDown(caller),
      });
      relays.set(relayed, token);
      open.set(relays.size);
      // It may have been revoked while the service was dialled.
      endIfRevoked(relayed, token);
      client.once("close", () => {
        relays.delete(relayed);
        open.set(relays.size);
      });
    });
  };

  // A revoked token ends its connections as one that expires does.
  const endIfRevoked = (relayed: Relay, token: string | undefined): void => {
    try {
      if (token !== undefined) tokens.verify(token);
    } catch {
      void relayed.end(CLOSE_CODES.tokenExpired);
    }
  };
  deps.revocations.onRevoked(() => {
    for (const [relayed, token] of relays) endIfRevoked(relayed, token);
  });

  // A frame counts like a request. Whoever has used up the quota is not refused but heard later.
  const slowDown = (caller: Caller): number | Promise<number> => {
    if (!("id" in caller)) return 0;
    const verdict = deps.quotas.limiters.default.take(`user:${caller.id}`);
    if (verdict instanceof Promise) return verdict.then((late) => (late.allowed ? 0 : late.retryAfterMs));
    return verdict.allowed ? 0 : verdict.retryAfterMs;
  };

  return {
    upgrade: (incoming, socket, head) => {
      socket.on("error", () => {});
      connect(incoming, socket, head).catch((error: unknown) => refuseUpgrade(incoming, socket, error));
    },
    stop: async () => {
      stopping = true;
      await Promise.all([...relays.keys()].map(({ end }) => end(CLOSE_CODES.restart)));
    },
  };
};

const TAKEN = parametersOf(emotionSocket);

const stoppingError = (): AppError =>
  new AppError("service_unavailable", "This instance is about to stop: connect again", { retryAfter: 1 });
