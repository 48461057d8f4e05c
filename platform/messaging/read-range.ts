import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { nanos, nuid } from "@nats-io/nats-core";
import type { Broker } from "./connect.ts";

export type StreamRange = {
  stream: string;
  filterSubject: string;
  /** Stored at this time or later. */
  from: Date;
  /** Stored before this time; until now if not given. */
  to?: Date | undefined;
};

export type OpenRange = {
  /** How many messages lay in the range when it was opened. */
  messages: number;
  /** The messages in order, some at a time, none twice. What is published after the opening is not among them. */
  read: (signal: AbortSignal) => AsyncGenerator<JsMsg[]>;
};

const AT_A_TIME = 100;
const FETCH_MS = 2_000;
const FORGOTTEN_AFTER_MS = 5 * 60 * 1_000;

/**
 * Opens what a stream holds of a span of time. Reading acknowledges nothing and disturbs no worker's consumer; a reader
 * that is cut off goes on behind the last message it has given out.
 * @throws what the broker answers, "stream not found" among it
 */
export const openRange = async (
  { js, jsm }: Pick<Broker, "js" | "jsm">,
  { stream, filterSubject, from, to }: StreamRange,
): Promise<OpenRange> => {
  // The end is fixed before anything is read: whoever publishes meanwhile is not chased.
  await jsm.streams.info(stream);
  const last = await jsm.streams.getMessage(stream, { last_by_subj: filterSubject });
  const end = last?.seq ?? 0;

  const startReader = async (start: { seq: number } | { time: Date }) => {
    const info = await jsm.consumers.add(stream, {
      name: `range-${nuid.next()}`,
      filter_subject: filterSubject,
      ack_policy: AckPolicy.None,
      ...("seq" in start
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.seq }
        : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.time.toISOString() }),
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
      mem_storage: true,
      num_replicas: 1,
      max_deliver: 1,
    });
    return { info, consumer: js.consumers.getConsumerFromInfo(info) };
  };

  const countFrom = async (time: Date): Promise<number> => {
    const { info, consumer } = await startReader({ time });
    await consumer.delete();
    return info.num_pending;
  };

  const messages = Math.max(0, (await countFrom(from)) - (to ? await countFrom(to) : 0));
  const isBehind = (message: JsMsg): boolean =>
    message.seq > end || (to !== undefined && storedAt(message) >= to);

  const read = async function* (signal: AbortSignal): AsyncGenerator<JsMsg[]> {
    let reader: Consumer | undefined;
    let lastSeq = 0;
    let delivered = 0;
    let given = 0;
    try {
      while (!signal.aborted) {
        if (!reader) {
          reader = (await startReader(lastSeq > 0 ? { seq: lastSeq + 1 } : { time: from })).consumer;
          delivered = 0;
        }
        const wanted = Math.min(AT_A_TIME, Math.max(1, messages - given));
        const { fetched, cutOff } = await fetchInOrder(reader, wanted, delivered);
        const batch = fetched.filter((message) => !isBehind(message));
        delivered += fetched.length;
        given += batch.length;
        lastSeq = batch.at(-1)?.seq ?? lastSeq;
        if (batch.length > 0) yield batch;
        if (batch.length < fetched.length || lastSeq >= end) return;
        if (cutOff) reader = undefined;
        // The rest may have been purged meanwhile.
        else if (fetched.length === 0 && (await reader.info()).num_pending === 0) return;
      }
    } finally {
      await reader?.delete().catch(() => false);
    }
  };
  return { messages, read };
};

/** When the broker stored the message. */
export const storedAt = ({ info }: JsMsg): Date => new Date(Math.floor(info.timestampNanos / 1e6));

/** The next messages, up to the first that is missing; `cutOff` says that nobody knows what was under way. */
const fetchInOrder = async (
  reader: Consumer,
  wanted: number,
  delivered: number,
): Promise<{ fetched: JsMsg[]; cutOff: boolean }> => {
  const fetched: JsMsg[] = [];
  let cutOff = false;
  try {
    for await (const message of await reader.fetch({ max_messages: wanted, expires: FETCH_MS })) {
      cutOff ||= message.info.deliverySequence !== delivered + fetched.length + 1;
      if (!cutOff) fetched.push(message);
    }
  } catch {
    cutOff = true;
  }
  return { fetched, cutOff };
};
