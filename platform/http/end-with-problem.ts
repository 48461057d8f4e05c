import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { AppError } from "../errors/app-error.ts";
import { problemAnswer } from "./problem.ts";
import type { RequestContext } from "./problem.ts";

/** Answers with a problem document on a connection that has no request and response of Node's, and closes it. */
export const endWithProblem = (socket: Duplex, error: AppError, request: RequestContext): void => {
  const { status, headers, body } = problemAnswer(error, request);
  headers["content-length"] = String(Buffer.byteLength(body));
  headers["connection"] = "close";
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
};
