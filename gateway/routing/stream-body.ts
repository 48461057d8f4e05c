import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import { AppError } from "../../platform/errors/app-error.ts";
import { CLOSE, tooLarge, tooSlow } from "../../platform/http/read-body.ts";
import type { BodyLimits } from "../../platform/http/read-body.ts";

export type StreamLimits = Required<BodyLimits> & {
  /** For the whole body, in ms. */
  totalMs: number;
};

/**
 * The body as a stream that passes on what arrives as it arrives, unparsed, and no faster than the service reads;
 * undefined when there is none. It fails, with an AppError, when too much arrives, or nothing for a while.
 * @throws AppError body_too_large when that is announced
 */
export const streamBody = (incoming: IncomingMessage, limits: StreamLimits): Transform | undefined => {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return undefined;
  if (length !== undefined && Number(length) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return guard(incoming, limits);
};

const guard = (incoming: IncomingMessage, { maxBytes, idleMs, totalMs }: StreamLimits): Transform => {
  let size = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      idle.refresh();
      if (size > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  // While the service is the slow one, nobody waits for the client.
  const serviceIsSlow = (): boolean => body.writableNeedDrain;
  const idle = setTimeout(() => {
    if (serviceIsSlow()) idle.refresh();
    else body.destroy(tooSlow(idleMs));
  }, idleMs);
  const total = setTimeout(() => {
    const code = serviceIsSlow() ? "gateway_timeout" : "request_timeout";
    body.destroy(new AppError(code, `The body took more than ${totalMs} ms to pass on`, CLOSE));
  }, totalMs);
  const stopWatching = (): void => {
    clearTimeout(idle);
    clearTimeout(total);
  };
  const onGone = (): void => {
    if (!incoming.complete) body.destroy(new AppError("bad_request", "The body ended early"));
  };
  body.once("finish", stopWatching).once("close", () => {
    stopWatching();
    incoming.off("close", onGone).off("error", onGone);
    // An error of a connection that is going away has nobody left to hear of it.
    incoming.on("error", () => {});
  });
  incoming.on("close", onGone).on("error", onGone);
  return incoming.pipe(body);
};
