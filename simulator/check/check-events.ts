import type { TelemetryKind } from "../domain/telemetry.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Owed } from "../play/receipts.ts";
import { compareEvents } from "./compare-events.ts";
import { findWrongTotals, readStoredEvents } from "./stored-events.ts";

export type Finding = { readonly fault: string; readonly userId: string; readonly what: string };

const PEOPLE_AT_A_TIME = 200;

/**
 * Compares what is stored of these people with what they were answered.
 * @returns every event that is missing, doubled or unexpected, and every wrong total; empty when all is well
 */
export const checkEvents = async (
  sql: Queryable,
  kind: TelemetryKind,
  owed: ReadonlyMap<string, Owed>,
): Promise<Finding[]> => {
  const userIds = [...owed.keys()];
  const findings: Finding[] = [];
  for (let start = 0; start < userIds.length; start += PEOPLE_AT_A_TIME) {
    const some = userIds.slice(start, start + PEOPLE_AT_A_TIME);
    const stored = await readStoredEvents(sql, kind, some);
    for (const [userId, copies] of stored) {
      const faults = Object.entries(compareEvents(owed.get(userId)!, copies));
      const found = faults.flatMap(([fault, ids]) =>
        ids.map((what) => ({ fault: `${kind} ${fault}`, userId, what })),
      );
      findings.push(...found);
    }
    for (const userId of await findWrongTotals(sql, kind, some))
      findings.push({ fault: `${kind} totals wrong`, userId, what: "daily summaries" });
  }
  return findings;
};
