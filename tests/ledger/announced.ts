import { z } from "zod";
import { type LedgerSubject, ledgerEvents } from "../../contracts/events/ledger-events.ts";
import type { Sql } from "../../platform/database/connect.ts";

export type Announced = {
  /** Of every event in the outbox. */
  readonly subjects: Set<string>;
  /** Those that are not what their contract says, no member more and none less, in words. */
  readonly unlike: string[];
};

/** Holds what the ledger has announced to the contracts of its subjects. */
export const announcedByContract = async (sql: Sql): Promise<Announced> => {
  const rows = await sql<{ subject: string; payload: unknown }[]>`
    select subject, payload from outbox where subject like any (array['account.%', 'transaction.%', 'authorization.%'])
    order by id`;
  const unlike = rows.flatMap(({ subject, payload }) => {
    const schema = ledgerEvents[subject as LedgerSubject];
    const result = z.strictObject(schema.shape).safeParse(payload);
    return result.success ? [] : [`${subject}: ${z.prettifyError(result.error)}`];
  });
  return { subjects: new Set(rows.map(({ subject }) => subject)), unlike };
};
