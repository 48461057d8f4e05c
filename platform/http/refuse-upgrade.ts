import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { problemResponse } from "./problem.ts";
import { headerOf } from "./request-header.ts";
import { REQUEST_ID_HEADER, requestIdFrom } from "./request-id.ts";
import { toAppError } from "./to-app-error.ts";

/** Answers a request for an upgrade with a problem document, and closes the connection. */
export const refuseUpgrade = async (
  incoming: IncomingMessage,
  socket: Duplex,
  error: unknown,
): Promise<void> => {
  const response = problemResponse(toAppError(error), {
    path: incoming.url?.split("?", 1)[0] ?? "/",
    requestId: requestIdFrom(headerOf(incoming, REQUEST_ID_HEADER)),
  });
  const body = await response.text();
  response.headers.set("content-length", String(Buffer.byteLength(body)));
  response.headers.set("connection", "close");
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\n${headers}\r\n${body}`);
};
