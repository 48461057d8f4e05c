import type { Socket } from "node:net";
import { connect } from "node:net";
import { parseResponse } from "./response-parser.ts";

/** One connection with one request at a time on it. */
export type Lane = {
  /** Only when the lane is free. */
  readonly send: (request: Buffer, due: number) => void;
  readonly close: () => void;
};

export type LaneEvents = {
  /** A request that was due then has its answer's status, or has lost its connection. */
  readonly onOutcome: (due: number, outcome: number | string) => void;
  /** Ready for a request: at first, after each answer, and when a lost connection has been replaced. */
  readonly onFree: (lane: Lane) => void;
};

/** Resolves when the lane is free for the first time. @throws Error when nobody listens there */
export const openLane = async (target: string, { onOutcome, onFree }: LaneEvents): Promise<Lane> => {
  let socket: Socket;
  let due: number | undefined;
  let received: Buffer | undefined;
  let closed = false;

  const finish = (outcome: number | string): void => {
    const was = due;
    due = undefined;
    received = undefined;
    if (was !== undefined) onOutcome(was, outcome);
  };
  const renew = async (): Promise<void> => {
    socket = await open(target);
    socket.on("data", (chunk: Buffer) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      const answer = parseResponse(received);
      if (!answer.complete) return;
      finish(answer.status);
      if (answer.closes) socket.destroy();
      else onFree(lane);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      finish("connection lost");
      // Where nobody listens any more the lane stays away, and requests wait for the others.
      if (!closed) renew().catch(() => {});
    });
    onFree(lane);
  };
  const lane: Lane = {
    send: (request, dueAt) => {
      due = dueAt;
      socket.write(request);
    },
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
  await renew();
  return lane;
};

export const open = (target: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(target);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
