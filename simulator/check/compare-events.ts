import type { Owed } from "../play/receipts.ts";

/** How often each event of a person is stored, by event id. */
export type Copies = ReadonlyMap<string, number>;

/** What is wrong with one person's stored events, by event id. */
export type EventFaults = {
  /** Acknowledged and not stored. */
  readonly missing: string[];
  /** Stored more than once. */
  readonly doubled: string[];
  /** Stored though it was never sent, or was refused for good. */
  readonly unexpected: string[];
};

/**
 * Holds what is stored to what was answered: an acknowledged event is there once, an uncertain one at most once,
 * anything else not at all.
 */
export const compareEvents = ({ acknowledged, uncertain }: Owed, copies: Copies): EventFaults => ({
  missing: [...acknowledged].filter((id) => !copies.has(id)),
  doubled: [...copies].filter(([, count]) => count > 1).map(([id]) => id),
  unexpected: [...copies.keys()].filter((id) => !acknowledged.has(id) && !uncertain.has(id)),
});
