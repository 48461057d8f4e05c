import { connect } from "node:net";

const ANSWER_WITHIN_MS = 1000;

/**
 * Connects to a loopback port, sends a line if given, and resolves with the first answer.
 * @throws Error when nobody listens or nothing comes back in a second
 */
export const firstAnswer = (port: number, send = ""): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error("no answer")));
    socket.once("connect", () => send && socket.write(send));
    socket.once("data", (data) => {
      resolve(data.toString("utf8"));
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without an answer")));
  });
