import type { IncomingMessage } from "node:http";
import { AppError } from "../errors/app-error.ts";

export type BodyLimits = {
  maxBytes: number;
  /** Time between two parts of a body before the client is given up; without it Node's limit for the whole request. */
  idleMs?: number;
};

/**
 * The body as it came, unparsed; undefined when there is none.
 * @throws AppError body_too_large, or request_timeout when nothing arrives for a while
 */
export const readBody = (incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> | undefined => {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return undefined;
  if (length !== undefined && Number(length) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return collect(incoming, limits);
};

// Listeners stay, and do nothing any more: taking four away from each request costs more than they do.
const collect = (incoming: IncomingMessage, { maxBytes, idleMs }: BodyLimits): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;

    const fail = (error: AppError): void => {
      settled = true;
      clearTimeout(idle);
      reject(error);
    };
    const idle = idleMs === undefined ? undefined : setTimeout(() => fail(tooSlow(idleMs)), idleMs);

    incoming.on("data", (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge(maxBytes));
      chunks.push(chunk);
      idle?.refresh();
    });
    incoming.on("end", () => {
      if (settled) return;
      settled = true;
      clearTimeout(idle);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    const onGone = (): void => {
      if (!settled) fail(new AppError("bad_request", "The body ended early"));
    };
    // An error of a connection that is going away has nobody else to hear of it.
    incoming.on("error", onGone).on("close", onGone);
  });

/** For errors after which the rest of a body is not waited for: the connection cannot carry another request. */
export const CLOSE = { headers: { connection: "close" } };

export const tooLarge = (maxBytes: number): AppError =>
  new AppError("body_too_large", `The body may have at most ${maxBytes} bytes`, CLOSE);

export const tooSlow = (idleMs: number): AppError =>
  new AppError("request_timeout", `Nothing of the body arrived for ${idleMs} ms`, CLOSE);
