import { Transform } from "node:stream";
import { AppError } from "../../platform/errors/app-error.ts";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { pickReplica } from "./pick-replica.ts";
import { noteAnswer, noteFailure } from "./replica.ts";
import type { Replica } from "./replica.ts";
import { AnswerTooLarge, Attempt } from "./send.ts";
import type { Answer, Failure, OutgoingRequest } from "./send.ts";
import type { Upstream } from "./upstream.ts";

export type ForwardOptions = {
  /**
   * For everything: waiting for a connection, all attempts, the whole answer. Where the body is a stream, for what
   * comes after its end; how long it may take is its own affair.
   */
  timeoutMs: number;
  metrics: GatewayMetrics;
};

// What a hanging service may pile up in one gateway, per replica.
const MOST_IN_FLIGHT = 4_096;
const RETRY_AFTER_S = 1;

class OutOfTime extends Error {}

/**
 * Sends a request to the replica with the least in flight. Moves on to another when nothing was sent, and with
 * what may be repeated (RFC 9110 §9.2.2, or by its route) also when the connection broke before an answer.
 * What was possibly sent is never sent twice otherwise.
 * @throws AppError bad_gateway, service_unavailable or gateway_timeout
 */
export const forward = async (
  upstream: Upstream,
  request: OutgoingRequest,
  { timeoutMs, metrics }: ForwardOptions,
): Promise<Answer> => {
  const tried: Replica[] = [];
  let attempt: Attempt | undefined;
  const { body } = request;
  const outOfTime = (): void => attempt?.cancel(new OutOfTime());
  let timer: NodeJS.Timeout | undefined;
  if (body instanceof Transform) body.once("finish", () => (timer = setTimeout(outOfTime, timeoutMs)));
  else timer = setTimeout(outOfTime, timeoutMs);
  try {
    for (;;) {
      const replica = pickReplica(upstream.replicas, tried, upstream.turn++, performance.now());
      if (!replica || replica.inFlight >= MOST_IN_FLIGHT) throw unavailable(upstream);
      attempt = new Attempt(replica, request);
      const outcome = await attempt.outcome;
      if (outcome.kind === "answer") {
        noteAnswer(replica, outcome.headers.connection === "close", performance.now());
        return outcome;
      }
      // The body itself was at fault.
      if (outcome.error instanceof AppError) throw outcome.error;
      metrics.upstreamErrors.inc({ upstream: upstream.name, reason: reasonOf(outcome.error) });
      const final = finalError(outcome, request, upstream);
      if (!(outcome.error instanceof AnswerTooLarge)) noteFailure(replica, performance.now());
      if (final) throw final;
      tried.push(replica);
      if (tried.length === upstream.replicas.length) {
        throw outcome.sent ? broken(request, upstream) : unavailable(upstream);
      }
      metrics.upstreamRetries.inc({ upstream: upstream.name });
    }
  } finally {
    clearTimeout(timer);
    if (body instanceof Transform) body.destroy();
  }
};

/** What the client is told, unless another replica may be tried. */
const finalError = (
  { error, sent }: Failure,
  request: OutgoingRequest,
  upstream: Upstream,
): AppError | undefined => {
  const { name } = upstream;
  if (error instanceof OutOfTime) {
    return new AppError("gateway_timeout", `${name} took too long; ${maybeDone(request, sent)}`, RETRYABLE);
  }
  if (error instanceof AnswerTooLarge) return new AppError("bad_gateway", `${name} answered too much`);
  if (!sent || mayBeRepeated(request)) return undefined;
  return broken(request, upstream);
};

const broken = (request: OutgoingRequest, { name }: Upstream): AppError =>
  new AppError(
    "bad_gateway",
    `${name} broke the connection before it answered; ${maybeDone(request, true)}`,
    RETRYABLE,
  );

const RETRYABLE = { headers: { "retry-after": String(RETRY_AFTER_S) } };
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

const mayBeRepeated = ({ method, repeatable }: OutgoingRequest): boolean =>
  repeatable || REPEATABLE.has(method);

const maybeDone = (request: OutgoingRequest, sent: boolean): string =>
  sent && !mayBeRepeated(request)
    ? "the request may have taken effect: repeat it with the same eventId or Idempotency-Key"
    : "the request can be repeated";

const unavailable = ({ name }: Upstream): AppError =>
  new AppError("service_unavailable", `${name} cannot be reached right now`, { retryAfter: RETRY_AFTER_S });

// A closed set, so that the metric keeps few series.
const reasonOf = (error: Error): string => {
  if (error instanceof OutOfTime) return "timeout";
  if (error instanceof AnswerTooLarge) return "answer too large";
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "EHOSTUNREACH" || code === "ENETUNREACH") {
    return "unreachable";
  }
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE") return "broken";
  return "other";
};
