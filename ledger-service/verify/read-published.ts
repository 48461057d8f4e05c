import { streams } from "../../contracts/streams.ts";
import { isNotFound } from "../../platform/messaging/broker-errors.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import { openRange } from "../../platform/messaging/read-range.ts";
import type { Published } from "./verify-ledger.ts";

const STREAM = streams.LEDGER.name;
const BEGINNING = new Date(0);

/** The message ids of every event that the ledger's stream still holds; undefined where there is no such stream. */
export const readPublished = async (broker: Broker, signal: AbortSignal): Promise<Published | undefined> => {
  try {
    const { state } = await broker.jsm.streams.info(STREAM);
    const since = state.first_seq > 1 ? new Date(state.first_ts) : BEGINNING;
    if (state.messages === 0) return { messageIds: [], since };
    const range = await openRange(broker, { stream: STREAM, filterSubject: ">", from: BEGINNING });
    const messageIds: string[] = [];
    for await (const messages of range.read(signal))
      messageIds.push(...messages.map((message) => message.headers?.get("Nats-Msg-Id") ?? ""));
    return { messageIds, since };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
