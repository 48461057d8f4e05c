import { textArray } from "../../../platform/database/array-literal.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import { errorCodes } from "../../../platform/errors/error-codes.ts";
import type { Tracing } from "../../../platform/observability/trace-ids.ts";
import { uuidv7 } from "uuidv7";
import type { Progress, Transition } from "../domain/advance.ts";
import type { LedgerAnswer } from "../domain/read-answer.ts";
import type { StepName } from "../domain/steps.ts";

export type ClaimedSaga = Progress<StepName> & {
  id: string;
  lease: string;
  /** Of the request that it began with; null for sagas of before these were kept. */
  headers: Tracing | null;
};

const problemTitles = JSON.stringify(errorCodes);
const PLATFORM = "platform";

export const claimSagas = (
  sql: Queryable,
  { worker, leaseSeconds, most }: { worker: string; leaseSeconds: number; most: number },
): Promise<ClaimedSaga[]> => sql<ClaimedSaga[]>`
  select id, state, step, pivoted, attempts, lease::text, overdue, headers
  from ledger_saga_claim(${worker}, ${leaseSeconds}::integer, ${most}::integer)`;

export type Moved = { saga: ClaimedSaga; to: Transition<StepName> };

/** Writes where sagas have come to; those whose lease was lost stay as they are. Returns how many were written. */
export const advanceSagas = async (
  sql: Queryable,
  moves: readonly Moved[],
  stepSeconds: number,
): Promise<number> => {
  const column = (value: (move: Moved) => string | null): string => textArray(moves.map(value));
  const [row] = await sql<{ moved: number }[]>`
    select ledger_saga_advance(
      ${column(({ saga }) => saga.id)}::uuid[], ${column(({ saga }) => saga.lease)}::bigint[],
      ${column(({ to }) => to.state)}::text[], ${column(({ to }) => to.step)}::text[],
      ${column(({ to }) => String(to.pivoted))}::boolean[], ${column(({ to }) => String(Math.round(to.delayMs)))}::integer[],
      ${column(({ to }) => to.error)}::text[], ${stepSeconds}::integer
    ) as moved`;
  return row!.moved;
};

/** Tells of purchases and completes their sagas, in one transaction. Returns how many were completed. */
export const confirmSagas = async (sql: Queryable, sagas: readonly ClaimedSaga[]): Promise<number> => {
  const [row] = await sql<{ completed: number }[]>`
    select ledger_saga_confirm(
      ${textArray(sagas.map(({ id }) => id))}::uuid[], ${textArray(sagas.map(({ lease }) => lease))}::bigint[]
    ) as completed`;
  return row!.completed;
};

/**
 * Captures holds whole; the events carry what the holds came with. The step's key is the saga, however often it is tried: a reference counts once, for ever.
 */
export const postHolds = (sql: Queryable, sagas: readonly ClaimedSaga[]): Promise<LedgerAnswer[]> =>
  sql<LedgerAnswer[]>`
    select status, body from ledger_capture(
      ids => ${textArray(sagas.map(uuidv7))}::uuid[],
      holds => ${textArray(sagas.map(({ id }) => id))}::uuid[],
      scopes => ${textArray(sagas.map(() => PLATFORM))}::text[],
      refs => ${textArray(sagas.map(({ id }) => `saga:${id}:post`))}::text[],
      problems => ${problemTitles}
    ) order by n`;

/** Gives back what holds reserve. A hold is voided once, so that the step needs no key of its own. */
export const releaseHolds = (sql: Queryable, sagas: readonly ClaimedSaga[]): Promise<LedgerAnswer[]> =>
  sql<LedgerAnswer[]>`
    select status, body from ledger_void(
      holds => ${textArray(sagas.map(({ id }) => id))}::uuid[],
      scopes => ${textArray(sagas.map(() => PLATFORM))}::text[],
      problems => ${problemTitles}
    ) order by n`;

/** The sagas' holds of which something was captured. */
export const takenHolds = async (sql: Queryable, sagas: readonly ClaimedSaga[]): Promise<Set<string>> => {
  const rows = await sql<{ id: string }[]>`
    select id from ledger_holds
    where id = any (${textArray(sagas.map(({ id }) => id))}::uuid[]) and captured > 0`;
  return new Set(rows.map(({ id }) => id));
};

export type SagaCounts = { state: string; sagas: number; oldest_seconds: number };

/** Sagas that are not at an end, by state; along ledger_sagas_due and ledger_sagas_few. */
export const countSagas = (sql: Queryable): Promise<SagaCounts[]> => sql<SagaCounts[]>`
  select state, count(*)::int as sagas, extract(epoch from now() - min(created_at))::float8 as oldest_seconds
  from ledger_sagas where state in ('running', 'compensating') group by state
  union all
  select 'stuck', count(*)::int, coalesce(extract(epoch from now() - min(created_at)), 0)::float8
  from ledger_sagas where state = 'stuck'`;

/** Expires holds that are due by the database's clock; returns how many, at most `most`. */
export const expireHolds = async (sql: Queryable, most: number): Promise<number> => {
  const [row] = await sql<{ expired: number }[]>`select ledger_expire(${most}::integer) as expired`;
  return row!.expired;
};

/** For how long the oldest hold that is due has waited to be expired; along ledger_holds_due. */
export const secondsOverdue = async (sql: Queryable): Promise<number> => {
  const [row] = await sql<{ seconds: number }[]>`
    select greatest(extract(epoch from clock_timestamp() - min(expires_at)), 0)::float8 as seconds
    from ledger_holds where status = 'open'`;
  return row!.seconds;
};
