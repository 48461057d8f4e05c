import type { TransactionEvent } from "../../../contracts/events/transaction-event.ts";
import { plainArray, textArray } from "../../../platform/database/array-literal.ts";
import type { Fragment, Queryable } from "../../../platform/database/connect.ts";
import type { Distinct } from "../../telemetry/distinct-by-identity.ts";
import { insertedFrom } from "../../telemetry/outcomes-of.ts";
import type { Inserted, InsertedRow } from "../../telemetry/outcomes-of.ts";

/** Transactions as the statement takes them: an array literal for each column. */
export type TransactionRows = {
  count: number;
  ids: string;
  userIds: string;
  eventIds: string;
  amounts: string;
  currencies: string;
  categories: string;
  occurredAts: string;
  receivedAts: string;
};

export const toTransactionRows = ({ events, keys }: Distinct<TransactionEvent>): TransactionRows => ({
  count: events.length,
  ids: plainArray(keys),
  userIds: plainArray(events.map((event) => event.userId)),
  eventIds: textArray(events.map((event) => event.eventId)),
  amounts: plainArray(events.map((event) => event.amount)),
  currencies: plainArray(events.map((event) => event.currency)),
  categories: textArray(events.map((event) => event.category ?? null)),
  occurredAts: plainArray(events.map((event) => event.occurredAt)),
  receivedAts: plainArray(events.map((event) => event.receivedAt)),
});

// Both ways of writing are one statement, and each (user, event id) must occur once in the batch. Locks are taken in
// one order everywhere, identities by their key, then days by (user, day, currency). Rows go in by the order of their
// index, which costs less.

/**
 * Persists a batch of which every event is new: identities, raw rows, and their days' totals by currency. Returns how
 * many were inserted: 0, and nothing is changed, where the identities before hold one of them.
 * @throws a unique violation, and nothing is changed, where the identities hold one of them
 */
export const insertNewTransactions = async (sql: Queryable, rows: TransactionRows): Promise<number> => {
  const [row] = await sql<{ inserted: number }[]>`
    with input as (${unnested(sql, rows)}),
    identified as (
      insert into transaction_identities (id)
      select id from input
      where not exists (select from transaction_identities_before where id = any (array(select id from input)))
      order by id
      returning id
    ), stored as (
      insert into transactions (user_id, event_id, amount, currency, category, occurred_at, received_at)
      select user_id, event_id, amount, currency, category, occurred_at, received_at from input
      where exists (select from identified)
      order by user_id, occurred_at
    ), merged as (
      ${mergeTotals(sql, sql`input where exists (select from identified)`)}
    )
    -- Because the statement itself reads them, identities are inserted before anything else.
    select count(*)::int as inserted from identified`;
  return row?.inserted ?? 0;
};

/** Persists those events of a batch that are new, in the same way. Returns which they were. */
export const insertTransactions = async (sql: Queryable, rows: TransactionRows): Promise<Inserted> => {
  const [row] = await sql<InsertedRow[]>`
    with input as (${unnested(sql, rows)}),
    identified as (
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
      order by user_id, occurred_at
    ), merged as (
      ${mergeTotals(sql, sql`fresh`)}
    )
    select
      count(*)::int as inserted,
      -- Which ones is looked at only where not all were new: the condition is a one-time filter.
      (
        select string_agg(encode(uuid_send(id), 'hex'), ',') from identified
        where (select count(*) from identified) < ${rows.count}
      ) as fresh
    from identified`;
  return insertedFrom(row);
};

const unnested = (sql: Queryable, rows: TransactionRows): Fragment => sql`
  select id, user_id, event_id, amount, currency collate "C" as currency, category, occurred_at, received_at
  from unnest(
    ${rows.ids}::uuid[],
    ${rows.userIds}::uuid[],
    ${rows.eventIds}::text[],
    ${rows.amounts}::numeric[],
    ${rows.currencies}::text[],
    ${rows.categories}::text[],
    ${rows.occurredAts}::timestamptz[],
    ${rows.receivedAts}::timestamptz[]
  ) as event (id, user_id, event_id, amount, currency, category, occurred_at, received_at)`;

const mergeTotals = (sql: Queryable, from: Fragment): Fragment => sql`
  insert into transactions_summary as total (user_id, day, currency, transaction_count, amount_sum)
  select user_id, (occurred_at at time zone 'UTC')::date as day, currency, count(*), sum(amount)
  from ${from}
  group by user_id, day, currency
  order by user_id, day, currency
  on conflict (user_id, day, currency) do update set
    transaction_count = total.transaction_count + excluded.transaction_count,
    amount_sum = total.amount_sum + excluded.amount_sum,
    updated_at = now()`;
