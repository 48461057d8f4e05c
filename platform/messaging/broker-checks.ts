import type { Broker } from "./connect.ts";
import type { ConsumerSpec } from "./definitions.ts";

const unavailable = (code: string): Error => Object.assign(new Error(code), { code });

/** Ready when connected. @throws Error with code DISCONNECTED */
export const checkConnected = (broker: Pick<Broker, "connected">) => (): void => {
  if (!broker.connected()) throw unavailable("DISCONNECTED");
};

/** Ready when connected and the stream exists. */
export const checkStream =
  (broker: Pick<Broker, "connected" | "jsm">, stream: string) => async (): Promise<void> => {
    checkConnected(broker)();
    await broker.jsm.streams.info(stream).catch(() => {
      throw unavailable("STREAM_UNAVAILABLE");
    });
  };

/** Ready when connected and the consumer exists; shows how far it is behind. */
export const checkConsumer =
  (broker: Pick<Broker, "connected" | "jsm">, { stream, name }: Pick<ConsumerSpec, "stream" | "name">) =>
  async (): Promise<{ lag: number }> => {
    checkConnected(broker)();
    const info = await broker.jsm.consumers.info(stream, name).catch(() => {
      throw unavailable("CONSUMER_UNAVAILABLE");
    });
    return { lag: info.num_pending + info.num_ack_pending };
  };
