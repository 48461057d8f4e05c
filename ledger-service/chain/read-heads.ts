import type { StoredMsg } from "@nats-io/jetstream";
import { type ChainHead, chainHead } from "../../contracts/events/chain-head.ts";
import { streams } from "../../contracts/streams.ts";
import { subjects } from "../../contracts/subjects.ts";
import { isNotFound } from "../../platform/messaging/broker-errors.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import { openRange } from "../../platform/messaging/read-range.ts";

const STREAM = streams.LEDGER_CHAIN.name;
const BEGINNING = new Date(0);

const read = ({ data }: Pick<StoredMsg, "data">): ChainHead =>
  chainHead.parse(JSON.parse(new TextDecoder().decode(data)));

/** The head that was published last; undefined where none is kept. */
export const readLastHead = async ({ jsm }: Pick<Broker, "jsm">): Promise<ChainHead | undefined> => {
  const message = await jsm.streams.getMessage(STREAM, { last_by_subj: subjects.chainHead });
  return message ? read(message) : undefined;
};

/** Every head that is kept, in the order of publishing; none where there is no such stream. */
export const readHeads = async (broker: Broker, signal: AbortSignal): Promise<ChainHead[]> => {
  try {
    const { state } = await broker.jsm.streams.info(STREAM);
    if (state.messages === 0) return [];
    const range = await openRange(broker, {
      stream: STREAM,
      filterSubject: subjects.chainHead,
      from: BEGINNING,
    });
    const heads: ChainHead[] = [];
    for await (const messages of range.read(signal)) heads.push(...messages.map(read));
    return heads;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
};
