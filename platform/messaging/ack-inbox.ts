import { JetStreamApiError } from "@nats-io/jetstream";
import { createInbox, errors } from "@nats-io/nats-core";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/nats-core";

export type PublishOptions = {
  headers: MsgHdrs;
  /** How long to wait for the acknowledgement, in ms. */
  timeout: number;
};

export type AckInbox = {
  /**
   * Publishes a message to the stream of its subject. Resolves once the broker has stored it, or had it already.
   * @throws JetStreamApiError when the stream refuses it; an error of nats.js when nobody answers, or nobody can
   */
  publish: (subject: string, body: Uint8Array | string, options: PublishOptions) => Promise<void>;
};

type Waiter = { subject: string; timer: NodeJS.Timeout; stored: () => void; failed: (error: Error) => void };

/**
 * Where acknowledgements of published messages come in, for one connection. The library's own `publish` makes an
 * error, with its stack, for every message that is acknowledged, and races three promises: with it an event cost
 * intake 4 % more.
 */
export const createAckInbox = (nc: NatsConnection): AckInbox => {
  const inbox = createInbox();
  const waiting = new Map<string, Waiter>();
  let sent = 0;

  const settle = (reply: string, error?: Error): void => {
    const waiter = waiting.get(reply);
    if (!waiter) return;
    waiting.delete(reply);
    clearTimeout(waiter.timer);
    if (error) waiter.failed(error);
    else waiter.stored();
  };
  const failAll = (error: Error, subject?: string): void => {
    for (const [reply, waiter] of waiting)
      if (subject === undefined || waiter.subject === subject) settle(reply, error);
  };

  const subscription = nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) failAll(error);
      else settle(message.subject, failureOf(message, waiting.get(message.subject)?.subject));
    },
  });
  // Whoever still waits then waits in vain.
  const closed = (): void => failAll(new errors.ClosedConnectionError());
  subscription.closed.then(closed, closed);
  void hearRefusals(nc, failAll);

  return {
    publish: (subject, body, { headers, timeout }) =>
      new Promise((stored, failed) => {
        const reply = `${inbox}.${++sent}`;
        const timer = setTimeout(() => settle(reply, new errors.TimeoutError()), timeout);
        waiting.set(reply, { subject, timer, stored, failed });
        try {
          nc.publish(subject, body, { reply, headers });
        } catch (error) {
          settle(reply, error as Error);
        }
      }),
  };
};

/** What is wrong, if it is no acknowledgement. */
const failureOf = (message: Msg, subject = ""): Error | undefined => {
  // NATS protocol: a reply of this status says that nobody listens on the subject, so no stream has it.
  if (message.data.length === 0 && message.headers?.code === 503)
    return new errors.NoRespondersError(subject);
  const { error } = message.json<{ error?: ConstructorParameters<typeof JetStreamApiError>[0] }>();
  return error && new JetStreamApiError(error);
};

// The broker answers a publish that is not permitted to the connection, and not to the inbox.
const hearRefusals = async (
  nc: NatsConnection,
  failAll: (error: Error, subject: string) => void,
): Promise<void> => {
  for await (const status of nc.status()) {
    if (status.type !== "error" || !(status.error instanceof errors.PermissionViolationError)) continue;
    const { operation, subject } = status.error;
    if (operation === "publish") failAll(status.error, subject);
  }
};
