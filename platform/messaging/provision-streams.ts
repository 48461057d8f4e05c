import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { JetStreamManager, StreamConfig, StreamInfo } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { Logger } from "../observability/logger.ts";
import type { StreamSpec } from "./definitions.ts";
import { isNotFound, isOutOfStorage } from "./broker-errors.ts";

const DUPLICATE_WINDOW_MS = 2 * 60 * 1_000;
const SMALLEST_BYTES = 64 * 1_024 * 1_024;

/**
 * Makes the stream as defined, or brings an existing one in line. Safe to call from several processes at once.
 * A broker without room for the whole cap gets a smaller one, and the log says so: the cap is back-pressure,
 * and a smaller one refuses earlier, it loses nothing.
 */
export const ensureStream = async (
  jsm: JetStreamManager,
  spec: StreamSpec,
  replicas: number,
  logger: Logger,
): Promise<void> => {
  const wanted = streamConfig(spec, replicas);
  const existing = await findStream(jsm, spec.name);
  if (!existing) return addStream(jsm, wanted, logger);
  if (inLine(existing.config, wanted)) return;
  try {
    await jsm.streams.update(spec.name, wanted);
    logger.info({ stream: spec.name }, "stream updated");
  } catch (error) {
    if (!isOutOfStorage(error)) throw error;
    logger.warn(
      { stream: spec.name, bytes: existing.config.max_bytes },
      "no room for the full cap: kept as it is",
    );
  }
};

const findStream = async (jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> => {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

type WantedStream = Pick<
  StreamConfig,
  | "name"
  | "subjects"
  | "retention"
  | "storage"
  | "discard"
  | "max_age"
  | "max_bytes"
  | "duplicate_window"
  | "num_replicas"
>;

const streamConfig = (spec: StreamSpec, replicas: number): WantedStream => ({
  name: spec.name,
  subjects: [...spec.subjects],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_age: nanos(spec.maxAgeMs),
  max_bytes: spec.maxBytes,
  duplicate_window: nanos(spec.duplicateWindowMs ?? DUPLICATE_WINDOW_MS),
  num_replicas: replicas,
});

const inLine = (config: StreamConfig, wanted: WantedStream): boolean =>
  config.subjects?.join() === wanted.subjects?.join() &&
  config.discard === wanted.discard &&
  config.max_age === wanted.max_age &&
  config.max_bytes === wanted.max_bytes &&
  config.duplicate_window === wanted.duplicate_window &&
  config.num_replicas === wanted.num_replicas;

const addStream = async (jsm: JetStreamManager, wanted: WantedStream, logger: Logger): Promise<void> => {
  const full = wanted.max_bytes;
  let bytes = full;
  while (!(await tryToAdd(jsm, { ...wanted, max_bytes: bytes }))) {
    if (bytes / 2 < SMALLEST_BYTES) throw new Error(`the broker has no room for the stream ${wanted.name}`);
    bytes = Math.floor(bytes / 2);
  }
  if (bytes < full) {
    // Whoever takes all that is left leaves nothing to the streams after it.
    const modest = Math.max(SMALLEST_BYTES, Math.floor(bytes / 4));
    await jsm.streams.update(wanted.name, { ...wanted, max_bytes: modest });
    logger.warn(
      { stream: wanted.name, bytes: modest, wanted: full },
      "no room for the full cap: a smaller one",
    );
    return;
  }
  logger.info({ stream: wanted.name, bytes }, "stream created");
};

const tryToAdd = async (jsm: JetStreamManager, stream: WantedStream): Promise<boolean> => {
  try {
    await jsm.streams.add(stream);
    return true;
  } catch (error) {
    if (isOutOfStorage(error)) return false;
    throw error;
  }
};
