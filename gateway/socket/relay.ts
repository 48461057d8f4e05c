import type { WebSocket } from "ws";
import { CLOSE_CODES } from "../../contracts/http/emotion-socket.ts";
import type { EndCode, EndFrame } from "../../contracts/http/emotion-socket.ts";
import { keepAlive } from "../../platform/http/keep-alive-socket.ts";

export type RelayOptions = {
  heartbeatMs: number;
  /** Unix milliseconds from which on the client's token is worth nothing; undefined where there is no token. */
  expiresAt: number | undefined;
  /** Counts a frame: 0 when it may go on, else the milliseconds after which to ask again. */
  slowDown: () => number | Promise<number>;
};

export type Relay = {
  /** Takes nothing more from the client; the service acknowledges what it has, then the connection ends. */
  end: (code: EndCode) => Promise<void>;
};

// Beyond these the reader is slow: a client is not read from, and one that does not read is cut off.
const MOST_TOWARDS_SERVICE = 256 * 1_024;
const MOST_TOWARDS_CLIENT = 1_024 * 1_024;
// Longer than publishing takes.
const END_WITHIN_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Passes frames between a client and a service until one of them ends it; each closing code reaches the other. */
export const relay = (client: WebSocket, service: WebSocket, options: RelayOptions): Relay => {
  let ending = false;
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));

  const end = (code: EndCode): Promise<void> => {
    if (!ending) {
      ending = true;
      const frame: EndFrame = { type: "end", code };
      if (service.readyState === service.OPEN) service.send(JSON.stringify(frame));
      const late = setTimeout(() => client.terminate(), END_WITHIN_MS);
      client.once("close", () => clearTimeout(late));
    }
    return closed;
  };

  // A pause stops reading from the network; what has been read already still comes, and waits here.
  const waiting: { data: Buffer; isBinary: boolean }[] = [];
  let passing = false;
  const passOn = async (): Promise<void> => {
    passing = true;
    for (let frame = waiting.shift(); frame; frame = waiting.shift()) {
      await allowed(client, options.slowDown);
      if (ending || service.readyState !== service.OPEN) break;
      const { data, isBinary: binary } = frame;
      if (service.bufferedAmount < MOST_TOWARDS_SERVICE) service.send(data, { binary });
      else await paused(client, (resume) => service.send(data, { binary }, () => resume()));
    }
    passing = false;
  };

  client.on("message", (data: Buffer, isBinary: boolean) => {
    if (ending) return;
    waiting.push({ data, isBinary });
    if (!passing) void passOn();
  });
  service.on("message", (data: Buffer, isBinary: boolean) => {
    if (client.bufferedAmount > MOST_TOWARDS_CLIENT) client.terminate();
    else if (client.readyState === client.OPEN) client.send(data, { binary: isBinary });
  });

  const expiry = expireAt(options.expiresAt, () => void end(CLOSE_CODES.tokenExpired));
  client.once("close", (code) => {
    clearTimeout(expiry);
    closeWith(service, code);
  });
  // Without a word from the service, what was not acknowledged is to be sent again.
  service.once("close", (code) => closeWith(client, code === 1_006 ? CLOSE_CODES.restart : code));
  for (const socket of [client, service]) {
    // A frame against the protocol: the library closes the connection with the code for it.
    socket.on("error", () => {});
    keepAlive(socket, options.heartbeatMs);
  }
  service.resume();
  return { end };
};

/** Resolves when one more frame may go on; holds the client back meanwhile. */
const allowed = async (client: WebSocket, slowDown: RelayOptions["slowDown"]): Promise<void> => {
  for (;;) {
    const wait = slowDown();
    if (wait === 0) return;
    const ms = typeof wait === "number" ? wait : await wait;
    if (ms === 0) return;
    await paused(client, (resume) => setTimeout(resume, ms));
  }
};

const paused = async (client: WebSocket, until: (resume: () => void) => unknown): Promise<void> => {
  client.pause();
  await new Promise<void>((resolve) => until(resolve));
  client.resume();
};

const expireAt = (expiresAt: number | undefined, expire: () => void): NodeJS.Timeout | undefined =>
  expiresAt === undefined
    ? undefined
    : setTimeout(expire, Math.min(LONGEST_TIMER_MS, Math.max(0, expiresAt - Date.now())));

// 1005 and 1006 say that there was no code, and may not be sent (RFC 6455 §7.4.1).
const closeWith = (socket: WebSocket, code: number): void => {
  if (code === 1_006) socket.terminate();
  else socket.close(code === 1_005 ? CLOSE_CODES.normal : code);
};
