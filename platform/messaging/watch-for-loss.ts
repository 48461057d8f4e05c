import type { JetStreamManager } from "@nats-io/jetstream";
import type { Logger } from "../observability/logger.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerSpec } from "./definitions.ts";
import { isAhead } from "./stands-ahead.ts";
import type { Witness, Witnesses } from "./witnesses.ts";

const INTERVAL_MS = 2_000;
// The two times of one message are rounded differently.
const SAME_TIME_MS = 1;

export type LossWatchDeps = {
  broker: Pick<Broker, "jsm" | "connected" | "nc">;
  consumer: Pick<ConsumerSpec, "stream" | "name">;
  /** What was delivered here. */
  witnesses: Pick<Witnesses, "all" | "forget">;
  /** Brings everything that the stream holds to the handler once more; rejects when it could not. */
  readAgain: () => Promise<void>;
  logger: Logger;
  intervalMs?: number;
};

/**
 * After each loss of the connection and each change of the stream's leader, which any loss of messages begins with,
 * holds the stream to what it has delivered.
 *
 * A consumer's position is a sequence number. Where the stream has not been yet, what comes next would count as
 * delivered: the consumer is deleted, and whoever runs it makes it anew. Where another message has a witness's number,
 * the stream was cut and has grown again, or this leader's copy is not the last one's (seen with NATS 2.9.10, when
 * leaders were paused and killed in turn); messages then lie before the position that nobody was given, and everything
 * is read again beside it. Neither has a second effect.
 */
export const watchForLoss = (deps: LossWatchDeps): (() => void) => {
  const { broker, consumer } = deps;
  let leader: string | undefined;
  let suspicious = false;
  let asking = false;

  const suspect = async (): Promise<void> => {
    for await (const { type } of broker.nc.status()) if (type === "disconnect") suspicious = true;
  };
  const look = async (): Promise<void> => {
    const { cluster } = await broker.jsm.streams.info(consumer.stream);
    if (leader !== undefined && cluster?.leader !== leader) suspicious = true;
    leader = cluster?.leader;
    if (!suspicious) return;
    // One that begins while we look is looked at next.
    suspicious = false;
    try {
      await holdToWitnesses(deps);
    } catch (error) {
      suspicious = true;
      throw error;
    }
  };
  const ask = async (): Promise<void> => {
    if (asking || !broker.connected()) return;
    asking = true;
    // No leader yet, or the consumer is gone, which the runner notices: asked again in a moment.
    await look().catch(() => {});
    asking = false;
  };
  void suspect();
  const timer = setInterval(() => void ask(), deps.intervalMs ?? INTERVAL_MS);
  return () => clearInterval(timer);
};

const holdToWitnesses = async ({
  broker: { jsm },
  consumer,
  witnesses,
  readAgain,
  logger,
}: LossWatchDeps): Promise<void> => {
  const { stream, name } = consumer;
  if (await isAhead(jsm, consumer)) {
    logger.error(
      { stream, consumer: name },
      "the broker has lost messages that it had delivered: reading its stream again from the beginning",
    );
    await jsm.consumers.delete(stream, name);
  } else {
    const replaced = await firstReplaced(jsm, stream, witnesses.all());
    if (!replaced) return;
    logger.error(
      { stream, consumer: name, sequence: replaced.seq },
      "the broker holds another message where it had delivered one: reading its stream again beside what comes",
    );
    await readAgain();
  }
  witnesses.forget();
};

const firstReplaced = async (
  jsm: JetStreamManager,
  stream: string,
  witnesses: readonly Witness[],
): Promise<Witness | undefined> => {
  for (const witness of witnesses) {
    const stored = await jsm.streams.getMessage(stream, { seq: witness.seq });
    // Gone by age or purged, it proves nothing.
    if (!stored) continue;
    const isSame =
      Math.abs(stored.time.getTime() - witness.storedAt) <= SAME_TIME_MS &&
      (stored.header.get("Nats-Msg-Id") ?? "") === witness.messageId;
    if (!isSame) return witness;
  }
  return undefined;
};
