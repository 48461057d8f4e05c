import { type Broker, connectBroker } from "../platform/messaging/connect.ts";
import { wakeOutbox } from "../platform/messaging/outbox-wake.ts";
import type { Logger } from "../platform/observability/logger.ts";
import type { Config } from "./config.ts";

export type RelayWaker = {
  /** Tells the relay that there is something in the outbox; a hint that may get lost. */
  wake: () => void;
  stop: () => Promise<void>;
};

/** Connects in the background: this service works without the broker. */
export const connectRelayWaker = (
  { NATS_URL, PROCESS_NAME }: Pick<Config, "NATS_URL" | "PROCESS_NAME">,
  logger: Logger,
): RelayWaker => {
  let broker: Broker | undefined;
  const connecting = async (url: string): Promise<void> => {
    broker = await connectBroker({ url, name: PROCESS_NAME }, logger);
  };
  if (NATS_URL !== undefined) {
    connecting(NATS_URL).catch((error: unknown) =>
      logger.warn({ err: error }, "the relay is not woken: it looks into the outbox by itself"),
    );
  }
  return {
    wake: () => {
      if (broker?.connected()) wakeOutbox(broker.nc);
    },
    stop: async () => {
      await broker?.close();
    },
  };
};
