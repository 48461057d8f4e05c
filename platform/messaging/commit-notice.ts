import { createInbox } from "@nats-io/nats-core";
import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import type { Delivery } from "./delivery.ts";
import { headersOf, mayHaveHeader } from "./headers-of.ts";
import type { Outcome } from "./outcome.ts";

/** Names the subject on which whoever published a message wants to hear what became of its events. */
export const COMMIT_REPLY_HEADER = "Commit-Reply";

/** What became of one event: stored now, stored before, in the dead letters, or to be tried again. */
export type EventFate = "new" | "known" | "dead" | "retry";

const CODES = { new: "n", known: "k", dead: "d", retry: "r" } as const satisfies Record<EventFate, string>;
const FATES = new Map<string, EventFate>(
  Object.entries(CODES).map(([fate, code]) => [code, fate as EventFate]),
);

/**
 * Tells whoever asked, once the handler has committed, what became of a message's events: one letter a line, by core
 * NATS. Nobody relies on it: a notice that is lost makes the one who waits run into a deadline.
 */
export const sendCommitNotice = (
  nc: Pick<NatsConnection, "publish">,
  delivery: Pick<Delivery, "body" | "headerBytes">,
  outcomes: readonly Outcome[],
): void => {
  if (!mayHaveHeader(delivery, COMMIT_REPLY_HEADER)) return;
  const subject = replySubject(headersOf(delivery));
  if (!subject) return;
  nc.publish(subject, outcomes.map((outcome) => CODES[fateOf(outcome)]).join(""));
};

const replySubject = (headers: MsgHdrs | undefined): string | undefined => {
  const subject = headers?.get(COMMIT_REPLY_HEADER);
  // A message may come from anywhere: its header must not make us publish into a stream.
  return subject?.startsWith(INBOX_PREFIX) ? subject : undefined;
};

const fateOf = (outcome: Outcome): EventFate => {
  if (outcome.kind !== "done") return outcome.kind;
  return outcome.known ? "known" : "new";
};

const INBOX_PREFIX = "_INBOX.";

/** What is known of the events of one message. */
export type AwaitedCommit = {
  /** For the message's header. */
  subject: string;
  /** Resolves when all of them have a fate, or the signal aborts; a fate that is not known yet is undefined. */
  fates: (signal: AbortSignal) => Promise<(EventFate | undefined)[]>;
  /** Nobody asks any more. */
  forget: () => void;
};

export type CommitWatch = {
  /** To be called before a message of so many events is published. */
  expect: (events: number) => AwaitedCommit;
};

/** Hears the notices for the messages of this process, through one subscription. */
export const watchCommits = (nc: NatsConnection): CommitWatch => {
  const inbox = createInbox();
  const awaited = new Map<string, (codes: string) => void>();
  let next = 1;
  nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (!error) awaited.get(message.subject)?.(message.string());
    },
  });

  return {
    expect: (events) => {
      const subject = `${inbox}.${next++}`;
      const fates: (EventFate | undefined)[] = Array.from({ length: events }, () => undefined);
      const complete = Promise.withResolvers<void>();
      awaited.set(subject, (codes) => {
        // A message that comes again finds its own events: what was heard first holds.
        for (let line = 0; line < events; line++) {
          const fate = FATES.get(codes[line] ?? "");
          if (fate !== "retry") fates[line] ??= fate;
        }
        if (!fates.includes(undefined)) complete.resolve();
      });
      return {
        subject,
        fates: async (signal) => {
          const late = Promise.withResolvers<void>();
          signal.addEventListener("abort", () => late.resolve(), { once: true });
          if (!signal.aborted) await Promise.race([complete.promise, late.promise]);
          return fates;
        },
        forget: () => void awaited.delete(subject),
      };
    },
  };
};
