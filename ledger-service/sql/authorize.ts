import { textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { RiskPolicy } from "../domain/risk-policy.ts";
import type { Answer } from "./answer.ts";
import type { OperationContext } from "./operation.ts";

/** A purchase to decide on. */
export type NewAuthorization = OperationContext & {
  id: string;
  /** Whose credit line; null where a partner names the person by an id of its own. */
  owner: string | null;
  partner: string | null;
  external: string | null;
  /** A decimal in the currency's unit, greater than 0, with at most 4 places. */
  amount: string;
  currency: string;
  /** How long the hold stays open, in seconds; at least 1. */
  seconds: number;
  group: string | null;
  /** Whether a saga captures it, instead of the caller. */
  automatic: boolean;
};

/**
 * Decides on purchases and reserves for those that are approved, in one round trip. Answers in the order given: 201
 * approved or declined with the reason, or a problem document.
 */
export const authorize = (
  sql: Queryable,
  operations: readonly NewAuthorization[],
  policy: RiskPolicy,
  problems: string,
): Promise<Answer[]> => {
  const [only, ...others] = operations;
  if (only && others.length === 0) return authorizeOne(sql, only, policy, problems);
  const column = (value: (operation: NewAuthorization) => string | null): string =>
    textArray(operations.map(value));
  const fromPartners = operations.some(({ external }) => external !== null);
  const captured = operations.some(({ automatic }) => automatic);
  return sql<Answer[]>`
    select status, body, replayed from ledger_authorize(
      ids => ${column(({ id }) => id)}::uuid[],
      owners => ${column(({ owner }) => owner)}::uuid[],
      amounts => ${column(({ amount }) => amount)}::numeric[],
      currencies => ${column(({ currency }) => currency)}::text[],
      scopes => ${column(({ scope }) => scope)}::text[],
      seconds => ${column(({ seconds }) => String(seconds))}::integer[],
      keys => ${column(({ key }) => key)}::text[],
      hashes => ${column(({ hash }) => hash && `\\x${hash}`)}::bytea[],
      request_ids => ${column(({ requestId }) => requestId)}::text[],
      instances => ${column(({ instance }) => instance)}::text[],
      refs => ${column(({ reference }) => reference)}::text[],
      groups => ${column(({ group }) => group)}::uuid[],
      automatic => ${captured ? column(({ automatic }) => String(automatic)) : null}::boolean[],
      partners => ${fromPartners ? column(({ partner }) => partner) : null}::uuid[],
      externals => ${fromPartners ? column(({ external }) => external) : null}::text[],
      max_amount => ${policy.maxAmount}::numeric,
      velocity_seconds => ${policy.velocity.seconds}::integer,
      velocity_count => ${policy.velocity.count}::integer,
      velocity_amount => ${policy.velocity.amount}::numeric,
      problems => ${problems},
      headers => ${column(({ headers }) => JSON.stringify(headers))}::jsonb[]
    ) order by n`;
};

// Without arrays, and without the settings that batches are planned under.
const authorizeOne = (
  sql: Queryable,
  operation: NewAuthorization,
  policy: RiskPolicy,
  problems: string,
): Promise<Answer[]> =>
  sql<Answer[]>`
    select (a.answer).status, (a.answer).body, (a.answer).replayed
    from (select ledger_authorize_one(
      id => ${operation.id}::uuid, owner_id => ${operation.owner}::uuid, amount => ${operation.amount}::numeric,
      currency => ${operation.currency}, scope => ${operation.scope}, seconds => ${operation.seconds}::integer,
      key => ${operation.key}, hash => ${operation.hash && `\\x${operation.hash}`}::text::bytea,
      request_id => ${operation.requestId}, instance => ${operation.instance}, reference_id => ${operation.reference},
      group_id => ${operation.group}::uuid, automatic => ${operation.automatic}::boolean,
      partner => ${operation.partner}::uuid, external_user_id => ${operation.external},
      max_amount => ${policy.maxAmount}::numeric, velocity_seconds => ${policy.velocity.seconds}::integer,
      velocity_count => ${policy.velocity.count}::integer, velocity_amount => ${policy.velocity.amount}::numeric,
      problems => ${problems}, headers => ${JSON.stringify(operation.headers)}::text::jsonb
    ) as answer) as a`;
