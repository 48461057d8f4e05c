import type { Logger } from "../observability/logger.ts";
import type { Broker } from "./connect.ts";
import type { ConsumerSpec } from "./definitions.ts";

// Below, what is kept for replay harms nobody; above, a stream that refuses new events comes near.
const FULL_RATIO = 0.7;

/**
 * Makes room in a stream that is filling up: purges what every consumer has acknowledged, which is kept for replay
 * only. Left alone is a stream that `owner` does not consume just now: what others have acknowledged says nothing of
 * what the owner, made again, has still to get. Returns how many messages went.
 */
export const purgeAcknowledged = async (
  { jsm }: Pick<Broker, "jsm">,
  { stream, name: owner }: Pick<ConsumerSpec, "stream" | "name">,
  logger: Logger,
  ratio: number = FULL_RATIO,
): Promise<number> => {
  const { config, state } = await jsm.streams.info(stream);
  if (config.max_bytes <= 0 || state.bytes < config.max_bytes * ratio) return 0;
  let floor = Number.POSITIVE_INFINITY;
  let owned = false;
  for await (const consumer of jsm.consumers.list(stream)) {
    owned ||= consumer.name === owner;
    floor = Math.min(floor, consumer.ack_floor.stream_seq);
  }
  if (!owned || floor < state.first_seq) {
    logger.warn(
      { stream, bytes: state.bytes },
      "stream is filling up with messages that nobody has acknowledged",
    );
    return 0;
  }
  const { purged } = await jsm.streams.purge(stream, { seq: floor + 1 });
  logger.info({ stream, purged, bytes: state.bytes }, "purged acknowledged messages to make room");
  return purged;
};
