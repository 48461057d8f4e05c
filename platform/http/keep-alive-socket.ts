import type { WebSocket } from "ws";

/** Pings the other side, and cuts the connection when two pings in a row bring no answer. Ends with the connection. */
export const keepAlive = (socket: WebSocket, everyMs: number): void => {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered++ >= 2) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, everyMs);
  socket.on("pong", () => (unanswered = 0));
  socket.once("close", () => clearInterval(timer));
};
