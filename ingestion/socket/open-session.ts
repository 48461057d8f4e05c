import type { WebSocket } from "ws";
import { CLOSE_CODES, SOCKET_LIMITS, endFrame } from "../../contracts/http/emotion-socket.ts";
import type { EndCode, FrameResult, ServerFrame } from "../../contracts/http/emotion-socket.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { IntakeDeps } from "../deps.ts";
import { readEmotion } from "../domain/read-emotion.ts";
import { arrivalOf, refused } from "../domain/reading.ts";
import type { Reading } from "../domain/reading.ts";

export type SessionDeps = Pick<IntakeDeps, "publisher" | "now">;

export type Session = {
  /** Takes nothing more, acknowledges what was taken, then closes. Resolves when the connection is gone. */
  end: (code: EndCode) => Promise<void>;
};

// A client that does not read its acknowledgements must not pile them up here.
const MOST_UNREAD_BYTES = 1_024 * 1_024;
const NOT_JSON = { pointer: "", detail: "is not a text frame of JSON" };

/** Serves one device: an event a frame, each answered for once the broker has stored it, as many at once as it has credits. */
export const openSession = (
  socket: WebSocket,
  { publisher, now }: SessionDeps,
  { caller, traceId }: { caller: Caller; traceId: string },
): Session => {
  let seq = 0;
  let underWay = 0;
  let results: FrameResult[] = [];
  let ending: EndCode | undefined;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));

  const send = (frame: ServerFrame): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNREAD_BYTES) socket.terminate();
    else socket.send(JSON.stringify(frame));
  };

  const acknowledge = (): void => {
    if (results.length > 0) send({ type: "ack", credits: results.length, results });
    underWay -= results.length;
    results = [];
    if (ending !== undefined && underWay === 0) socket.close(ending);
  };

  // What is known in the same turn of the event loop goes in one frame.
  const settle = (result: FrameResult): void => {
    if (results.push(result) === 1) setImmediate(acknowledge);
  };

  const publish = async (at: number, { eventId, line }: Extract<Reading, { kind: "event" }>) => {
    try {
      await publisher.publish(subjects.emotions, line);
      settle({ seq: at, id: eventId, status: "accepted" });
    } catch (error) {
      const reason = error instanceof AppError ? error.message : "Something went wrong on our side";
      settle({ seq: at, id: eventId, status: "retry", code: "event_not_stored", reason });
      if (!(error instanceof AppError)) throw error;
    }
  };

  const take = (json: unknown): void => {
    const at = ++seq;
    underWay++;
    const reading = json === undefined ? NO_EVENT : readEmotion(json, arrivalOf(caller, now(), traceId));
    if (reading.kind === "event") {
      publish(at, reading).catch((error: unknown) => socket.emit("error", error as Error));
      return;
    }
    const { id, code, pointer, reason } = reading;
    settle({ seq: at, id, status: "rejected", code, pointer, reason });
  };

  const end = (code: EndCode): Promise<void> => {
    ending ??= code;
    if (underWay === 0) socket.close(ending);
    return closed;
  };

  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (ending !== undefined) return;
    const json = isBinary ? undefined : parse(data);
    const last = endFrame.safeParse(json);
    if (last.success) void end(last.data.code);
    else if (underWay >= SOCKET_LIMITS.window) socket.close(CLOSE_CODES.policy, "more frames than credits");
    else take(json);
  });
  send({ type: "hello", credits: SOCKET_LIMITS.window, maxFrameBytes: SOCKET_LIMITS.frameBytes });
  return { end };
};

const NO_EVENT = refused(null, "malformed_json", NOT_JSON);

/** undefined is no JSON. */
const parse = (data: Buffer): unknown => {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
};
