import type { TransactionEvent } from "../../../contracts/events/transaction-event.ts";
import { plainArray, textArray } from "../../../platform/database/array-literal.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import { identityKey } from "../../identity-key.ts";
import { insertedFrom } from "../../outcomes-of.ts";
import type { Inserted, InsertedRow } from "../../outcomes-of.ts";

/**
 * Persists a batch in one statement: identities, raw rows of those that are new, and their days' totals by currency.
 * Each (user, event id) must occur once in the batch. Locks are taken in one order everywhere, identities by their key,
 * then days by (user, day, currency). Returns which events were new.
 */
export const insertTransactions = async (
  sql: Queryable,
  events: readonly TransactionEvent[],
): Promise<Inserted> => {
  const [row] = await sql<InsertedRow[]>`
    with input as (
      select
        id, user_id, event_id, amount, currency collate "C" as currency, category, occurred_at, received_at
      from unnest(
        ${plainArray(events.map((event) => identityKey(event.userId, event.eventId)))}::uuid[],
        ${plainArray(events.map((event) => event.userId))}::uuid[],
        ${textArray(events.map((event) => event.eventId))}::text[],
        ${plainArray(events.map((event) => event.amount))}::numeric[],
        ${plainArray(events.map((event) => event.currency))}::text[],
        ${textArray(events.map((event) => event.category ?? null))}::text[],
        ${plainArray(events.map((event) => event.occurredAt))}::timestamptz[],
        ${plainArray(events.map((event) => event.receivedAt))}::timestamptz[]
      ) as event (id, user_id, event_id, amount, currency, category, occurred_at, received_at)
    ), identified as (
      insert into transaction_identities (id)
      select id from input
      where not exists (select from transaction_identities_before as known where known.id = input.id offset 0)
      order by id
      on conflict do nothing
      returning id
    ), fresh as (
      select input.* from input join identified using (id)
    ), stored as (
      insert into transactions (user_id, event_id, amount, currency, category, occurred_at, received_at)
      select user_id, event_id, amount, currency, category, occurred_at, received_at from fresh
    ), merged as (
      insert into transactions_summary as total (user_id, day, currency, transaction_count, amount_sum)
      select user_id, (occurred_at at time zone 'UTC')::date as day, currency, count(*), sum(amount)
      from fresh
      group by user_id, day, currency
      order by user_id, day, currency
      on conflict (user_id, day, currency) do update set
        transaction_count = total.transaction_count + excluded.transaction_count,
        amount_sum = total.amount_sum + excluded.amount_sum,
        updated_at = now()
    )
    select
      count(*)::int as inserted,
      -- Which ones is looked at only where not all were new: the condition is a one-time filter.
      (
        select string_agg(encode(uuid_send(id), 'hex'), ',') from identified
        where (select count(*) from identified) < ${events.length}
      ) as fresh
    from identified`;
  return insertedFrom(row);
};
