import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { EVENT_BODY_LIMIT, sendEmotion, sendTransaction } from "../../contracts/http/telemetry.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { DirectAnswer, DirectRequest, DirectRoute } from "../../platform/http/direct-routes.ts";
import { readBody } from "../../platform/http/read-body.ts";
import { headerOf } from "../../platform/http/request-header.ts";
import {
  CALLER_ID_HEADER,
  CALLER_KIND_HEADER,
  GATEWAY_KEY_HEADER,
  callerFrom,
} from "../../platform/identity/caller.ts";
import { secretMatcher } from "../../platform/identity/secrets-equal.ts";
import type { IntakeDeps } from "../deps.ts";
import { readPlainEmotion } from "../domain/plain-emotion.ts";
import { readPlainTransaction } from "../domain/plain-transaction.ts";
import { arrivalOf } from "../domain/reading.ts";
import type { Arrival, Reading } from "../domain/reading.ts";

type PlainEvent = Extract<Reading, { kind: "event" }>;

type Kind = {
  path: string;
  subject: string;
  /** undefined for whatever the schema has to judge. */
  readPlain: (json: unknown, arrival: Arrival) => Reading | undefined;
  receipt: (event: PlainEvent, traceId: string) => object;
};

const KINDS: Record<"emotion" | "transaction", Kind> = {
  emotion: {
    path: sendEmotion.path,
    subject: subjects.emotions,
    readPlain: readPlainEmotion,
    receipt: ({ eventId }, traceId) => ({ status: "event received", traceId, eventId }),
  },
  transaction: {
    path: sendTransaction.path,
    subject: subjects.transactions,
    readPlain: readPlainTransaction,
    receipt: ({ userId, eventId }) => ({ status: "event received", userId, eventId }),
  },
};

/**
 * A single event as nearly all clients send it: from the gateway, as JSON of a known length, with nothing in it that
 * the schema would have to judge. Every other request, right or wrong, is left to the framework's route.
 */
export const directEvent = (
  role: keyof typeof KINDS,
  gatewayKey: string,
  { publisher, now }: Pick<IntakeDeps, "publisher" | "now">,
): DirectRoute => {
  const { path, subject, readPlain, receipt } = KINDS[role];
  const isGateway = secretMatcher(gatewayKey);

  const answer = async (request: DirectRequest): Promise<DirectAnswer | undefined> => {
    const { incoming, requestId: traceId, traceparent } = request;
    if (!isGateway(headerOf(incoming, GATEWAY_KEY_HEADER)) || !isPlainJson(incoming)) return undefined;
    const body = await readBody(incoming, { maxBytes: EVENT_BODY_LIMIT });
    if (body === undefined) return undefined;
    const caller = callerFrom(headerOf(incoming, CALLER_KIND_HEADER), headerOf(incoming, CALLER_ID_HEADER));
    const event = readPlain(parse(body), arrivalOf(caller, now(), traceId));
    if (event?.kind !== "event") return leave(incoming, body);
    request.caller = caller;
    await publisher.publish(subject, event.line, traceparent);
    return { status: 202, headers: JSON_TYPE, body: JSON.stringify(receipt(event, traceId)) };
  };
  return { method: "POST", path, answer };
};

const JSON_TYPE = { "content-type": "application/json" };

const isPlainJson = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"] === "application/json" &&
  headers["content-encoding"] === undefined &&
  Number(headers["content-length"]) <= EVENT_BODY_LIMIT;

const parse = (body: Buffer): unknown => {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
};

/** The framework looks for a body that was read here. */
const leave = (incoming: IncomingMessage & { rawBody?: Buffer }, body: Buffer): undefined => {
  incoming.rawBody = body;
};
