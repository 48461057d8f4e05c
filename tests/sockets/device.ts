import { once } from "node:events";
import { WebSocket } from "ws";
import { emotionSocket } from "../../contracts/http/emotion-socket.ts";
import type { FrameResult, ServerFrame } from "../../contracts/http/emotion-socket.ts";
import { until } from "../harness/until.ts";

/** A client of the WebSocket, as a device would be. */
export type Device = {
  readonly socket: WebSocket;
  readonly results: FrameResult[];
  /** Frames that may be sent now. */
  readonly credits: () => number;
  readonly send: (frame: unknown) => void;
  /** Waits for so many results in all. */
  readonly heard: (count: number) => Promise<FrameResult[]>;
  /** The code with which the connection ended. */
  readonly closed: Promise<number>;
};

/** @throws Error when the server does not take the connection: with its status */
export const connectDevice = async (
  baseUrl: string,
  headers: Record<string, string>,
  query = "",
): Promise<Device> => {
  const socket = new WebSocket(baseUrl.replace(/^http/, "ws") + emotionSocket.path + query, { headers });
  const results: FrameResult[] = [];
  let credits = 0;
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as ServerFrame;
    credits += frame.credits;
    if (frame.type === "ack") results.push(...frame.results);
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  socket.on("error", () => {});
  await until(() => credits > 0, { what: "the server's hello" });
  return {
    socket,
    results,
    credits: () => credits,
    send: (frame) => {
      credits--;
      socket.send(JSON.stringify(frame));
    },
    heard: (count) =>
      until(() => (results.length >= count ? results : undefined), {
        what: `${count} results`,
      }),
    closed,
  };
};
