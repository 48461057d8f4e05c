import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the kernel's range for outgoing connections (32768 and up on Linux), so that none of those takes
// the port of a server that is down for a moment.
export const SERVER_PORTS: PortRange = { from: 20_000, to: 32_000 };
const ATTEMPTS = 200;

/** Ports from the first on, up to but without the last. */
export type PortRange = { readonly from: number; readonly to: number };

/** A port that nobody else can take until it is released to the program that will listen there. */
export type Reservation = { readonly port: number; readonly release: () => Promise<void> };

/** A free TCP port on 127.0.0.1; somebody else may still take it. */
export const freePort = async (among?: PortRange): Promise<number> => {
  const reservation = await reserveFreePort(among);
  await reservation.release();
  return reservation.port;
};

/** Holds a free TCP port of 127.0.0.1. */
export const reserveFreePort = async ({ from, to } = SERVER_PORTS): Promise<Reservation> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reservation = await reservePort(randomInt(from, to)).catch(() => undefined);
    if (reservation) return reservation;
  }
  throw new Error(`no free port found between ${from} and ${to}`);
};

/** Holds this TCP port. @throws the system's error, EADDRINUSE when another program has it */
export const reservePort = (port: number, host = "127.0.0.1"): Promise<Reservation> =>
  new Promise((resolve, reject) => {
    const holder = createServer((socket) => socket.destroy());
    holder.once("error", reject);
    holder.listen({ port, host, exclusive: true }, () =>
      resolve({
        port,
        release: () => new Promise((released) => void holder.close(() => released())),
      }),
    );
    holder.unref();
  });
