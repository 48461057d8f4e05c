import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import { settlesWithin } from "../lifecycle/settles-within.ts";
import type { Answers } from "./answers.ts";
import type { BatchGatherer } from "./batch-gatherer.ts";
import type { DeadlineKeeper } from "./deadline-keeper.ts";
import type { Delivery } from "./delivery.ts";

export type PullDeps = {
  filterSubject: string;
  gatherer: Pick<BatchGatherer<Delivery>, "add">;
  deadlines: Pick<DeadlineKeeper<Delivery>, "keep" | "release">;
  answers: Pick<Answers, "nak">;
  /** How long a full gatherer may keep us waiting before pulling is given up for a while, in ms. */
  patienceMs: number;
  /** Aborted when the process is about to stop. */
  stopping: AbortSignal;
};

export type Pulling = {
  /** Resolves when nothing more comes: it was stopped, or the batches are held and have been let go again. */
  ended: Promise<void>;
  stop: () => void;
};

// A consumer that is gone, or a broker gone silent, is noticed after two missed heartbeats: half of this each.
const PULL_EXPIRES_MS = 5_000;

/** What this filter lets through: a subject, or all that begin with what stands before `.>`. */
export const subjectFilter = (filter: string): ((subject: string) => boolean) => {
  const stem = filter.endsWith(".>") ? filter.slice(0, -1) : undefined;
  return (subject) => (stem === undefined ? subject === filter : subject.startsWith(stem));
};

/** A third of the ack deadline, and no longer than a pull. */
export const patienceFor = (ackWaitMs: number): number => Math.min(ackWaitMs / 3, PULL_EXPIRES_MS);

/**
 * Pulls the messages of one consumer into the gatherer, `ahead` at most waiting on this side.
 * @throws (by `ended`) what the broker answers when the consumer is gone
 */
export const pullMessages = (
  deps: PullDeps,
  consumer: Consumer,
  ahead: number,
  take: (message: JsMsg) => Delivery,
): Pulling => {
  const { gatherer, deadlines, answers, patienceMs, stopping } = deps;
  const isOurs = subjectFilter(deps.filterSubject);
  let messages: ConsumerMessages | undefined;
  let stopped = false;

  // For another worker, now.
  const giveBack = (delivery: Delivery): void => {
    deadlines.release([delivery]);
    answers.nak(delivery);
  };

  const pull = async (): Promise<void> => {
    messages = await consumer.consume({
      max_messages: ahead,
      expires: PULL_EXPIRES_MS,
      abort_on_missing_resource: true,
    });
    if (stopped) messages.stop();
    const fetchedAhead: Delivery[] = [];
    let room: Promise<void> | undefined;
    for await (const message of messages) {
      // A broker delivers again by sequence number, and whose copy of the stream numbers otherwise (watch-for-loss.ts)
      // delivers what the filter excludes. It is another worker's.
      if (!isOurs(message.subject)) {
        message.ack();
        continue;
      }
      const delivery = take(message);
      if (stopping.aborted) {
        giveBack(delivery);
        continue;
      }
      deadlines.keep(delivery);
      if (room) {
        fetchedAhead.push(delivery);
        continue;
      }
      const waiting = gatherer.add(delivery);
      if (!waiting || (await settlesWithin(waiting, patienceMs))) continue;
      // Batches are held, perhaps for long. Nothing more is pulled meanwhile: the library takes a reader that pauses for
      // a broker gone silent and would line up a pull for every few seconds of it. What it has fetched ahead comes to
      // us now, so that its deadline is extended too.
      room = waiting;
      messages.stop();
    }
    await room;
    for (const delivery of fetchedAhead) {
      if (stopping.aborted) giveBack(delivery);
      else await gatherer.add(delivery);
    }
  };

  return {
    ended: pull(),
    stop: () => {
      stopped = true;
      messages?.stop();
    },
  };
};
