import { setTimeout as sleep } from "node:timers/promises";
import { type Persistence, insist } from "./attempt.ts";
import { type EventLedger, requestFor, type SentEvent } from "./event-ledger.ts";

export type Sender = { readonly id: string; readonly token: string };

export type Traffic = {
  /** Sends no new events; resolves when each one is acknowledged or given up. */
  stop: () => Promise<void>;
};

export type TrafficDeps = {
  readonly ledger: EventLedger;
  readonly senders: readonly Sender[];
  readonly internalKey: string;
  readonly persistence: Persistence;
  readonly eventsPerSecond: number;
};

const TICK_MS = 50;

/** Emotions and transactions at an even rate, however slow the answers are; a failed one is sent again with its id. */
export const startTraffic = (deps: TrafficDeps): Traffic => {
  const { ledger, senders, eventsPerSecond } = deps;
  const deliveries: Promise<void>[] = [];
  const stopping = new AbortController();

  const loop = async (): Promise<void> => {
    const began = Date.now();
    for (let sent = 0; !stopping.signal.aborted;) {
      const due = Math.floor(((Date.now() - began) / 1_000) * eventsPerSecond);
      for (; sent < due; sent++) {
        const sender = senders[sent % senders.length]!;
        // The kinds change once a round, so that everybody sends both.
        const kind = Math.floor(sent / senders.length) % 2 === 0 ? "emotion" : "transaction";
        deliveries.push(deliver(deps, sender, ledger.open(kind, sender.id)));
      }
      await sleep(TICK_MS);
    }
  };
  const pacing = loop();

  return {
    stop: async () => {
      stopping.abort();
      await pacing;
      await Promise.all(deliveries);
    },
  };
};

/** Sends one event until it is acknowledged or given up. */
export const deliver = async (
  { internalKey, persistence }: Pick<TrafficDeps, "internalKey" | "persistence">,
  sender: Sender,
  event: SentEvent,
): Promise<void> => {
  const { internal, ...what } = requestFor(event);
  const request = { ...what, ...(internal ? { internalKey } : { token: sender.token }) };
  const answer = await insist(persistence, { method: "POST", ...request }, ({ status }) => status === 202);
  event.acknowledged = answer !== undefined;
};
