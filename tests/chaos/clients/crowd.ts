import { setTimeout as sleep } from "node:timers/promises";
import type { EventLedger } from "../../faults/support/event-ledger.ts";
import type { Sender } from "../../faults/support/traffic.ts";
import { type AcceptanceDeps, takeOffer } from "./acceptances.ts";
import { sendEvent, type TelemetryDeps } from "./telemetry.ts";

export type CrowdDeps = TelemetryDeps &
  AcceptanceDeps & {
    readonly ledger: EventLedger;
    readonly people: readonly Sender[];
    /** Events a second, over all. */
    readonly rate: number;
  };

export type Crowd = {
  /** Nobody begins anything new; resolves when each request is answered or given up. */
  readonly stop: () => Promise<void>;
};

/** Somebody new comes every so many events, and is good for one acceptance. */
export const EVENTS_PER_PERSON = 30;
const TICK_MS = 25;
// Enough of a calm life for an approval, whatever comes later.
const FIRST_EVENTS = [
  "emotion",
  "emotion",
  ...Array.from({ length: 8 }, () => "transaction" as const),
] as const;
// The newest this many go on sending.
const LIVELY = 400;
// Beyond, the clients themselves hold back: their machine is ours.
const MOST_IN_HAND = 3_000;

/**
 * People come one after the other, each sends a first few events, asks for an offer and accepts it; meanwhile those
 * who came before go on. All events together keep an even rate, however slow the answers are.
 */
export const startCrowd = (deps: CrowdDeps): Crowd => {
  const { ledger, people, rate } = deps;
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();
  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => inHand.delete(tracked));
    inHand.add(tracked);
  };
  const send = (person: Sender, kind: "emotion" | "transaction"): Promise<void> =>
    sendEvent(deps, person, ledger.open(kind, person.id));

  const arrive = async (person: Sender): Promise<void> => {
    await Promise.all(FIRST_EVENTS.map((kind) => send(person, kind)));
    await takeOffer(deps, person);
  };
  const goOn = (sent: number, arrived: number): Promise<void> => {
    const person = people[Math.max(0, arrived - 1 - (sent % Math.min(LIVELY, arrived)))]!;
    return send(person, sent % 2 === 0 ? "emotion" : "transaction");
  };

  const loop = async (): Promise<void> => {
    const began = Date.now();
    let sent = 0;
    let arrived = 0;
    while (!stopping.signal.aborted) {
      const due = Math.floor(((Date.now() - began) / 1_000) * rate);
      while (sent < due && inHand.size < MOST_IN_HAND) {
        const next = people[arrived];
        const turn = next && sent >= arrived * EVENTS_PER_PERSON;
        if (turn) arrived++;
        track(turn ? arrive(next) : goOn(sent, arrived));
        sent += turn ? FIRST_EVENTS.length : 1;
      }
      await sleep(TICK_MS);
    }
  };
  const pacing = loop();
  return {
    stop: async () => {
      stopping.abort();
      await pacing;
      await Promise.all(inHand);
    },
  };
};
