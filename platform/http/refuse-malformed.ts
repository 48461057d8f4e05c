import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { AppError } from "../errors/app-error.ts";
import { codeOf } from "../errors/code-of.ts";
import { endWithProblem } from "./end-with-problem.ts";
import { problemResponse } from "./problem.ts";
import { requestIdFrom } from "./request-id.ts";
import { toAppError } from "./to-app-error.ts";

// How long the answer has for its way before the connection is cut, and whatever still comes in is thrown away.
const LINGER_MS = 1_000;

/** Answers what Node's parser could not make a request of; by itself it would say a bare 400, 408, 413 or 431. */
export const refuseUnparsed = (error: Error, socket: Duplex): void => {
  // Told before, or gone: the parser reports every further chunk, and a lost connection as well.
  if (!socket.writable) return;
  if (hasBegunToAnswer(socket)) return void socket.destroy();
  endWithProblem(socket, unparsed(codeOf(error)), nowhere());
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
};

/** Answers what is HTTP, but no request that the framework takes: a backslash in the path, a Host that is none. */
export const refuseUnusable = (error: unknown): Response =>
  problemResponse(
    error instanceof RequestError
      ? new AppError("bad_request", "The path or the Host header is malformed")
      : toAppError(error),
    nowhere(),
  );

// As nginx says it of what it refuses itself.
const unparsed = (code: string | undefined): AppError => {
  if (code === "HPE_HEADER_OVERFLOW")
    return new AppError("invalid_header", "The request line or a header is too long");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new AppError("request_timeout", "The request took too long to arrive");
  return new AppError("bad_request", "The request is not valid HTTP");
};

const nowhere = () => ({ path: "/", requestId: requestIdFrom(undefined) });

// Node keeps the answer that is under way here, and asks the same before its own bare answer; nothing public says it.
const hasBegunToAnswer = (socket: Duplex): boolean =>
  (socket as { _httpMessage?: ServerResponse | null })._httpMessage?.headersSent ?? false;
