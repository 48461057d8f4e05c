import { setTimeout as sleep } from "node:timers/promises";
import { sendEvent, type TelemetryDeps } from "../chaos/clients/telemetry.ts";
import type { EventLedger } from "../faults/support/event-ledger.ts";
import type { Sender } from "../faults/support/traffic.ts";

export type SteadyTraffic = TelemetryDeps & {
  readonly ledger: EventLedger;
  readonly senders: readonly Sender[];
  /** Events a second at this moment, half of them emotions and half transactions. */
  readonly rate: () => number;
};

const TICK_MS = 25;
// Beyond, the clients hold back: their machine is ours.
const MOST_IN_HAND = 2_000;

/**
 * Telemetry and nothing else, paced evenly.
 * @returns begins nothing new, and resolves when each event is acknowledged or given up
 */
export const startSteadyTraffic = (deps: SteadyTraffic): (() => Promise<void>) => {
  const { ledger, senders, rate } = deps;
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();
  const send = (sent: number): void => {
    const sender = senders[(sent >> 1) % senders.length]!;
    const kind = sent % 2 === 0 ? "emotion" : "transaction";
    const sending = sendEvent(deps, sender, ledger.open(kind, sender.id));
    const tracked = sending.finally(() => inHand.delete(tracked));
    inHand.add(tracked);
  };
  const loop = async (): Promise<void> => {
    let sent = 0;
    let due = 0;
    for (let last = Date.now(); !stopping.signal.aborted; await sleep(TICK_MS)) {
      const now = Date.now();
      due += ((now - last) / 1_000) * rate();
      last = now;
      while (sent < due && inHand.size < MOST_IN_HAND) send(sent++);
    }
  };
  const pacing = loop();
  return async () => {
    stopping.abort();
    await pacing;
    await Promise.all(inHand);
  };
};
