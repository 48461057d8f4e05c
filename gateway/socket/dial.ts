import { WebSocket } from "ws";
import { SOCKET_LIMITS, emotionSocket } from "../../contracts/http/emotion-socket.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { pickReplica } from "../upstreams/pick-replica.ts";
import { CONNECT_TIMEOUT_MS, noteFailure } from "../upstreams/replica.ts";
import type { Replica } from "../upstreams/replica.ts";
import type { Upstream } from "../upstreams/upstream.ts";

/**
 * Opens a connection to a replica, the next one when that fails. It is paused, so that nothing is lost before
 * somebody listens.
 * @throws AppError service_unavailable when none takes it
 */
export const dial = async (upstream: Upstream, headers: Record<string, string>): Promise<WebSocket> => {
  const tried: Replica[] = [];
  for (;;) {
    const replica = pickReplica(upstream.replicas, tried, upstream.turn++, performance.now());
    if (!replica) {
      throw new AppError("service_unavailable", `${upstream.name} cannot be reached right now`, {
        retryAfter: 1,
      });
    }
    const connected = await connect(replica, headers);
    if (connected) return connected;
    noteFailure(replica, performance.now());
    tried.push(replica);
  }
};

const connect = (replica: Replica, headers: Record<string, string>): Promise<WebSocket | undefined> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${replica.url.replace(/^http/, "ws")}${emotionSocket.path}`, {
      headers,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MOST_ACK_BYTES,
      perMessageDeflate: false,
    });
    socket.once("open", () => {
      socket.pause();
      resolve(socket);
    });
    socket.on("error", () => resolve(undefined));
  });

// A window of results, each with the longest reason.
const MOST_ACK_BYTES = SOCKET_LIMITS.window * 1_024;
