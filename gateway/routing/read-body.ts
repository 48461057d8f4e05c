import type { IncomingMessage } from "node:http";
import { AppError } from "../../platform/errors/app-error.ts";

export type BodyLimits = { maxBytes: number; idleMs: number };

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

const collect = (incoming: IncomingMessage, { maxBytes, idleMs }: BodyLimits): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const idle = setTimeout(() => settle(tooSlow(idleMs)), idleMs);

    const settle = (error?: AppError): void => {
      clearTimeout(idle);
      incoming.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      if (!error) return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
      // An error of a connection that is going away has nobody left to hear of it.
      incoming.on("error", () => {});
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) return settle(tooLarge(maxBytes));
      chunks.push(chunk);
      idle.refresh();
    };
    const onEnd = (): void => settle();
    const onGone = (): void => settle(new AppError("bad_request", "The body ended early"));

    incoming.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });

// The rest of the body is not waited for, so the connection cannot carry another request.
export const CLOSE = { headers: { connection: "close" } };

export const tooLarge = (maxBytes: number): AppError =>
  new AppError("body_too_large", `The body may have at most ${maxBytes} bytes`, CLOSE);

export const tooSlow = (idleMs: number): AppError =>
  new AppError("request_timeout", `Nothing of the body arrived for ${idleMs} ms`, CLOSE);
