import { createRoute, z } from "@hono/zod-openapi";
import { problems } from "./problem.ts";
import { EVENT_BODY_LIMIT } from "./telemetry.ts";

export const SOCKET_LIMITS = {
  /** Frames that a client may have sent and not had answered. */
  window: 256,
  frameBytes: EVENT_BODY_LIMIT,
} as const;

/** Why the server ends a connection (RFC 6455 §7.4), after it has acknowledged what it took. */
export const CLOSE_CODES = {
  normal: 1_000,
  /** A frame broke the rules: more frames than credits. */
  policy: 1_008,
  /** The instance is about to stop, or the one behind it is gone: connect again. */
  restart: 1_012,
  /** The token has expired: log in and connect again. */
  tokenExpired: 4_401,
} as const;

/** The last frame of a client, or of the gateway for it: nothing more is taken, the rest acknowledged, then closed. */
export const endFrame = z.object({
  type: z.literal("end"),
  code: z
    .union([
      z.literal(CLOSE_CODES.normal),
      z.literal(CLOSE_CODES.restart),
      z.literal(CLOSE_CODES.tokenExpired),
    ])
    .default(CLOSE_CODES.normal),
});
export type EndFrame = z.input<typeof endFrame>;
export type EndCode = z.output<typeof endFrame>["code"];

/** What became of one frame; `seq` counts the event frames of this connection from 1. */
export type FrameResult = {
  seq: number;
  id: string | null;
  status: "accepted" | "rejected" | "retry";
  code?: string;
  pointer?: string;
  reason?: string;
};

export type ServerFrame =
  | { type: "hello"; credits: number; maxFrameBytes: number }
  /** `credits` more frames may be sent. */
  | { type: "ack"; credits: number; results: FrameResult[] };

export const emotionSocket = createRoute({
  method: "get",
  path: "/v1/emotions/ws",
  tags: ["Telemetry"],
  summary: "Stream emotion events over a WebSocket",
  description: `One event a text frame, as for POST /v1/emotions/stream. The server says \`{"type":"hello","credits":${SOCKET_LIMITS.window}}\` and then \`{"type":"ack","credits":n,"results":[{"seq","id","status"}]}\` with one result for each frame. At most as many frames may be on their way as credits were given. After a reconnect send again what was not acknowledged: by its eventId it has one effect. docs/api.md tells the whole protocol.`,
  security: [{ internalKey: [] }, { bearer: [] }],
  responses: {
    101: { description: "The connection is a WebSocket from here on" },
    ...problems(400, 401, 403, 426, 429, 503),
  },
});
