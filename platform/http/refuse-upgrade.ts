import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { endWithProblem } from "./end-with-problem.ts";
import { headerOf } from "./request-header.ts";
import { REQUEST_ID_HEADER, requestIdFrom } from "./request-id.ts";
import { toAppError } from "./to-app-error.ts";

/** Answers a request for an upgrade with a problem document, and closes the connection. */
export const refuseUpgrade = (incoming: IncomingMessage, socket: Duplex, error: unknown): void =>
  endWithProblem(socket, toAppError(error), {
    path: incoming.url?.split("?", 1)[0] ?? "/",
    requestId: requestIdFrom(headerOf(incoming, REQUEST_ID_HEADER)),
  });
