import { textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Answer } from "./answer.ts";
import type { OperationContext } from "./operation.ts";

export type Capture = OperationContext & {
  /** The transfer's id. */
  id: string;
  holdId: string;
  /** A decimal; null is all that is open. */
  amount: string | null;
  /** Whether what stays open is released. */
  final: boolean;
  /** Null: where the platform settles. */
  destination: string | null;
};

export type Void = Omit<OperationContext, "reference"> & { holdId: string };

export type GroupSettlement = Omit<OperationContext, "reference"> & {
  action: "capture" | "void";
  groupId: string;
  /** The scope that the group is of; the caller's own, if not given. */
  whose?: string;
};

/** Captures holds in one round trip. Answers in the order given. */
export const capture = (
  sql: Queryable,
  operations: readonly Capture[],
  problems: string,
): Promise<Answer[]> => sql<Answer[]>`
  select status, body, replayed
  from ledger_capture(${captureArguments(sql, operations)}, problems => ${problems})
  order by n`;

/** What ledger_capture is asked for, as columns. */
export const captureArguments = (sql: Queryable, operations: readonly Capture[]) => {
  const column = (value: (operation: Capture) => string | null): string => textArray(operations.map(value));
  return sql`
    ids => ${column(({ id }) => id)}::uuid[],
    holds => ${column(({ holdId }) => holdId)}::uuid[],
    scopes => ${column(({ scope }) => scope)}::text[],
    amounts => ${column(({ amount }) => amount)}::numeric[],
    finals => ${column(({ final }) => String(final))}::boolean[],
    destinations => ${column(({ destination }) => destination)}::uuid[],
    keys => ${column(({ key }) => key)}::text[],
    hashes => ${column(({ hash }) => hash && `\\x${hash}`)}::bytea[],
    request_ids => ${column(({ requestId }) => requestId)}::text[],
    instances => ${column(({ instance }) => instance)}::text[],
    refs => ${column(({ reference }) => reference)}::text[],
    headers => ${column(({ headers }) => JSON.stringify(headers))}::jsonb[]`;
};

/** Gives back what is open of holds, in one round trip. Answers in the order given. */
export const voidHolds = (
  sql: Queryable,
  operations: readonly Void[],
  problems: string,
): Promise<Answer[]> => sql<Answer[]>`
  select status, body, replayed
  from ledger_void(${voidArguments(sql, operations)}, problems => ${problems})
  order by n`;

/** What ledger_void is asked for, as columns. */
export const voidArguments = (sql: Queryable, operations: readonly Void[]) => {
  const column = (value: (operation: Void) => string | null): string => textArray(operations.map(value));
  return sql`
    holds => ${column(({ holdId }) => holdId)}::uuid[],
    scopes => ${column(({ scope }) => scope)}::text[],
    keys => ${column(({ key }) => key)}::text[],
    hashes => ${column(({ hash }) => hash && `\\x${hash}`)}::bytea[],
    request_ids => ${column(({ requestId }) => requestId)}::text[],
    instances => ${column(({ instance }) => instance)}::text[],
    headers => ${column(({ headers }) => JSON.stringify(headers))}::jsonb[]`;
};

/** Captures or voids every hold of a group, each whole, or none of them. */
export const settleGroup = async (
  sql: Queryable,
  { action, groupId, scope, whose, key, hash, requestId, instance, headers }: GroupSettlement,
  problems: string,
): Promise<Answer> => {
  const [answer] = await sql<Answer[]>`
    select status, body, replayed from ledger_settle_group(
      ${action}, ${groupId}::uuid, ${scope}, ${key}, ${hash && `\\x${hash}`}::text::bytea, ${requestId}, ${instance}, ${problems},
      ${JSON.stringify(headers)}::text::jsonb, ${whose ?? null}
    )`;
  return answer!;
};
