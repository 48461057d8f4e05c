import type { AppError } from "../../platform/errors/app-error.ts";
import type { AwaitedCommit, EventFate } from "../../platform/messaging/commit-notice.ts";
import type { Refusal } from "../domain/reading.ts";

/** What became of a bundle: nothing yet, stored by the broker, or why not. */
export type Shipment = {
  stored: boolean;
  failure?: AppError;
  /** Where somebody waits for the database: what it says, event by event, once it was waited for. */
  commit?: AwaitedCommit;
  fates?: readonly (EventFate | undefined)[];
};

export type Counts = { accepted: number; duplicate: number; rejected: number; retry: number };

/** The results of a request's events, in their order. */
export type BatchResults = {
  readonly size: number;
  refuse: (refusal: Refusal) => void;
  repeat: (id: string) => void;
  ship: (id: string, shipment: Shipment) => void;
  /** Takes over what the database said of the shipments; true when it has committed everything that was accepted. */
  settle: () => boolean;
  /** When every shipment has ended. */
  count: () => Counts;
  /** Seconds after which the ones to be sent again are worth it. */
  retryAfter: () => number;
  /** Each result as JSON, likewise. */
  render: () => string[];
};

export const createBatchResults = (): BatchResults => {
  // Side by side rather than an object each: the id as JSON, and its shipment or the whole result as JSON.
  const ids: string[] = [];
  const fates: (Shipment | string)[] = [];
  let duplicate = 0;
  let rejected = 0;
  let accepted = 0;
  let persisted = 0;

  const add = (id: string, fate: Shipment | string): void => {
    ids.push(id);
    fates.push(fate);
  };

  return {
    get size() {
      return fates.length;
    },
    refuse: ({ id, code, pointer, reason }) => {
      rejected++;
      add(
        "",
        JSON.stringify({ id, status: "rejected", code, pointer: `/${fates.length}${pointer}`, reason }),
      );
    },
    repeat: (id) => {
      duplicate++;
      add("", `{"id":${quote(id)},"status":"duplicate"}`);
    },
    ship: (id, shipment) => add(quote(id), shipment),
    settle: () => {
      // The events of a shipment stand in it in the order in which they came.
      const passed = new Map<Shipment, number>();
      fates.forEach((shipment, index) => {
        if (typeof shipment === "string" || !shipment.fates) return;
        const line = passed.get(shipment) ?? 0;
        passed.set(shipment, line + 1);
        const fate = shipment.fates[line];
        if (fate === "known") {
          duplicate++;
          fates[index] = `{"id":${ids[index]},"status":"duplicate"}`;
        } else {
          accepted++;
          if (fate === "new") persisted++;
          fates[index] = `{"id":${ids[index]},"status":"accepted","persisted":${fate === "new"}}`;
        }
      });
      return accepted === persisted;
    },
    count: () => {
      const stored = fates.filter((fate) => typeof fate !== "string" && fate.stored).length;
      return {
        accepted: accepted + stored,
        duplicate,
        rejected,
        retry: fates.length - accepted - stored - duplicate - rejected,
      };
    },
    retryAfter: () =>
      Math.max(
        1,
        ...new Set(fates.map((fate) => (typeof fate === "string" ? 1 : (fate.failure?.retryAfter ?? 1)))),
      ),
    render: () => fates.map((fate, index) => (typeof fate === "string" ? fate : shipped(ids[index]!, fate))),
  };
};

const shipped = (id: string, { stored, failure }: Shipment): string =>
  stored
    ? `{"id":${id},"status":"accepted"}`
    : `{"id":${id},"status":"retry","code":"event_not_stored","reason":${JSON.stringify(failure?.message)}}`;

const quote = (text: string): string => (/["\\]/.test(text) ? JSON.stringify(text) : `"${text}"`);
