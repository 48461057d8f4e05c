import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `open` passes everything on; `cut` resets every connection and each new one; `silent` holds every byte back, both
 * ways, as a network does that swallows packets; `slow` passes each piece on after `SLOW_MS`.
 */
export type LinkState = "open" | "cut" | "silent" | "slow";

export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  readonly set: (state: LinkState) => void;
  /** New connections go to the server that listens on this port; those that are there are reset. */
  readonly aim: (target: number) => void;
};

export const SLOW_MS = 80;

/** A link on loopback that can be cut, slowed and silenced, to a server that listens on `firstTarget`. */
export const startTcpProxy = async (firstTarget: number): Promise<TcpProxy> => {
  let target = firstTarget;
  let state: LinkState = "open";
  let changed = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();

  const held = async (): Promise<void> => {
    for (;;) {
      if (state !== "silent") return;
      await changed.promise;
    }
  };
  const pump = async (from: Socket, to: Socket): Promise<void> => {
    for await (const piece of from) {
      await held();
      if (state === "slow") await sleep(SLOW_MS);
      if (!to.write(piece as Buffer)) await once(to, "drain");
    }
    await held();
    to.end();
  };
  const adopt = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  };
  const relay = async (client: Socket): Promise<void> => {
    adopt(client);
    if (state === "cut") return void client.resetAndDestroy();
    await held();
    const server = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    adopt(server);
    client.once("close", () => server.destroy());
    server.once("close", () => client.destroy());
    await Promise.all([pump(client, server), pump(server, client)]).catch(() => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    });
  };

  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  const listener = createServer({ allowHalfOpen: true }, (client) => void relay(client));
  await listen(listener);
  const { port } = listener.address() as { port: number };
  const set = (next: LinkState): void => {
    state = next;
    if (next === "cut") resetAll();
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    port,
    set,
    aim: (next) => {
      target = next;
      resetAll();
    },
    [Symbol.asyncDispose]: async () => {
      set("cut");
      await new Promise((closed) => void listener.close(closed));
    },
  };
};

const listen = async (listener: Server): Promise<void> => {
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
};
