import type { TelemetryKind } from "../domain/telemetry.ts";

/** What the platform owes one person: events it acknowledged, and events it may have taken without saying so. */
export type Owed = { readonly acknowledged: Set<string>; readonly uncertain: Set<string> };

/** An acceptance answered 202, or whose answer never came. */
export type AcceptanceReceipt = { readonly userId: string; readonly acknowledged: boolean };

/** Everything that was answered 202: at the end, the platform is held to it. */
export type Receipts = {
  readonly acknowledge: (kind: TelemetryKind, userId: string, eventId: string) => void;
  readonly doubt: (kind: TelemetryKind, userId: string, eventId: string) => void;
  readonly accept: (offerId: string, receipt: AcceptanceReceipt) => void;
  readonly owed: (kind: TelemetryKind) => ReadonlyMap<string, Owed>;
  readonly acceptances: ReadonlyMap<string, AcceptanceReceipt>;
  readonly acknowledged: () => number;
};

export const createReceipts = (): Receipts => {
  const events = { emotion: new Map<string, Owed>(), transaction: new Map<string, Owed>() };
  const acceptances = new Map<string, AcceptanceReceipt>();
  let acknowledged = 0;
  const owedTo = (kind: TelemetryKind, userId: string): Owed => {
    const owed = events[kind].get(userId) ?? { acknowledged: new Set(), uncertain: new Set() };
    events[kind].set(userId, owed);
    return owed;
  };
  return {
    acknowledge: (kind, userId, eventId) => {
      owedTo(kind, userId).acknowledged.add(eventId);
      acknowledged++;
    },
    doubt: (kind, userId, eventId) => void owedTo(kind, userId).uncertain.add(eventId),
    accept: (offerId, receipt) => void acceptances.set(offerId, receipt),
    owed: (kind) => events[kind],
    acceptances,
    acknowledged: () => acknowledged,
  };
};
