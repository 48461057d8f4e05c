import { JetStreamApiError } from "@nats-io/jetstream";
import { jserrors } from "@nats-io/jetstream/internal";
import { errors } from "@nats-io/nats-core";
import { messageOf } from "../errors/message-of.ts";

// https://github.com/nats-io/nats-server, server/errors.json
const API_CODES = {
  noSuitablePeers: 10_005,
  consumerNotFound: 10_014,
  insufficientResources: 10_023,
  outOfStorage: 10_047,
  streamNameInUse: 10_058,
  streamNotFound: 10_059,
  streamStoreFailed: 10_077,
  streamSealed: 10_109,
  duplicateInProcess: 10_158,
} as const;

const apiCodeOf = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.code : undefined;

export const isNotFound = (error: unknown): boolean => {
  const code = apiCodeOf(error);
  return code === API_CODES.consumerNotFound || code === API_CODES.streamNotFound;
};

/** The broker has not enough room left to promise what a stream asks for. */
export const isOutOfStorage = (error: unknown): boolean => {
  if (apiCodeOf(error) === API_CODES.noSuitablePeers) return /storage/.test(messageOf(error));
  return apiCodeOf(error) === API_CODES.outOfStorage;
};

/**
 * Nobody is there who could answer for the cluster or the stream, or too few members to place a stream on; or the
 * stream is being made this moment, by somebody else or by an attempt that was not waited for, and will be found.
 */
export const isLeaderless = (error: unknown): boolean => {
  if (apiCodeOf(error) === API_CODES.noSuitablePeers) return !isOutOfStorage(error);
  if (apiCodeOf(error) === API_CODES.streamNameInUse) return true;
  return classifyPublishError(error) === "retryable";
};

/** What to do about a publish that failed. */
export type PublishFailure =
  /** Worth another attempt with the same message id. */
  | "retryable"
  /** The stream takes nothing more for now. */
  | "full"
  /** Will not get better by repeating. */
  | "refused";

/** Sorts out why the broker did not acknowledge a message. */
export const classifyPublishError = (error: unknown): PublishFailure => {
  const code = apiCodeOf(error);
  if (code === API_CODES.streamStoreFailed || code === API_CODES.insufficientResources) return "full";
  if (code === API_CODES.duplicateInProcess) return "retryable";
  // 503 from the API: no leader just now, a stream being moved.
  if (error instanceof JetStreamApiError) return error.status === 503 ? "retryable" : "refused";
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.InvalidSubjectError)
    return "refused";
  if (error instanceof errors.PermissionViolationError) return "refused";
  return isConnectionTrouble(error) ? "retryable" : "refused";
};

// A message larger than the server allows is refused by the client library before it is sent, as an argument error.
const isConnectionTrouble = (error: unknown): boolean =>
  error instanceof jserrors.JetStreamNotEnabled ||
  error instanceof errors.TimeoutError ||
  error instanceof errors.NoRespondersError ||
  error instanceof errors.RequestError ||
  error instanceof errors.ConnectionError ||
  error instanceof errors.ClosedConnectionError ||
  error instanceof errors.DrainingConnectionError ||
  error instanceof errors.ProtocolError;
