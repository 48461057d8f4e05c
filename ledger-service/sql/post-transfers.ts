import type { Queryable } from "../../platform/database/connect.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { Answer } from "./answer.ts";
import { problemTitles } from "./problem-titles.ts";
import { toColumns, type TransferOrder } from "./transfer-order.ts";

/**
 * Posts transfers in their order, each with an answer of its own, in one transaction, and in one round trip where
 * none is to wait for funds. Keys and references must differ within the call. `dry` decides the same way, writes nothing
 * and waits for nobody: it looks at the accounts as they were last committed.
 */
export const postTransfers = async (
  sql: Queryable,
  orders: readonly TransferOrder[],
  { dry = false } = {},
): Promise<Answer[]> => {
  const waiting = dry ? [] : orders.filter(({ waitForFunds }) => waitForFunds);
  if (waiting.length === 0) return post(sql, orders, dry);
  const postAndKeep = async (tx: Queryable): Promise<Answer[]> => {
    const answers = await post(tx, orders, dry);
    await keepWaits(tx, waiting);
    return answers;
  };
  return "savepoint" in sql ? postAndKeep(sql) : inTransaction(sql, postAndKeep);
};

// Beside the posting, since few wait: from when on the day runs for which they do.
const keepWaits = async (sql: Queryable, orders: readonly TransferOrder[]): Promise<void> => {
  const [ids, times] = [orders.map(({ id }) => id), orders.map(({ executeAt }) => executeAt ?? null)];
  await sql`
    update ledger_transfers as t set waits_from = greatest(w.execute_at, t.recorded_at)
    from unnest(${ids}::uuid[], ${times}::text[]::timestamptz[]) as w (id, execute_at)
    where t.id = w.id and t.status = 'pending'`;
};

const post = async (sql: Queryable, orders: readonly TransferOrder[], dry: boolean): Promise<Answer[]> => {
  const [only, ...others] = orders;
  if (only && others.length === 0 && !dry) return postOne(sql, only);
  const columns = toColumns(orders);
  return sql<Answer[]>`
    select status, body, replayed
    from ledger_post(
      accounts => ${columns.accounts}::uuid[], ids => ${columns.ids}::uuid[],
      sources => ${columns.sources}::integer[], destinations => ${columns.destinations}::integer[],
      amounts => ${columns.amounts}::numeric[], types => ${columns.types}::text[],
      scopes => ${columns.scopes}::text[], keys => ${columns.keys}::text[], hashes => ${columns.hashes}::bytea[],
      request_ids => ${columns.requestIds}::text[], instances => ${columns.instances}::text[],
      owners => ${columns.owners}::uuid[], currencies => ${columns.currencies}::text[],
      refs => ${columns.references}::text[], descriptions => ${columns.descriptions}::text[],
      effective => ${columns.effective}::text[]::timestamptz[], waits => ${columns.waits}::text[]::boolean[],
      not_before => ${columns.notBefore}::text[]::timestamptz[], dry => ${dry}, problems => ${problemTitles},
      headers => ${columns.headers}::text[]::jsonb[]
    )
    order by n`;
};

// Without arrays, which were a tenth of the time of a transfer that has a commit to itself. A function among the columns
// costs 5 us less than one that is read from, which is made a table first.
const postOne = (sql: Queryable, order: TransferOrder): Promise<Answer[]> =>
  sql<Answer[]>`
    select (a.answer).status, (a.answer).body, (a.answer).replayed
    from (select ledger_post_one(
      source => ${order.source}::uuid, destination => ${order.destination}::uuid, id => ${order.id}::uuid,
      amount => ${order.amount}::numeric, type => ${order.type}, scope => ${order.scope},
      key => ${order.key ?? null}, hash => ${order.hash ? `\\x${order.hash}` : null}::text::bytea,
      request_id => ${order.requestId}, instance => ${order.instance}, owner => ${order.owner ?? null}::uuid,
      wanted_currency => ${order.currency ?? null}, reference_id => ${order.reference ?? null},
      description => ${order.description ?? null}, effective_at => ${order.effectiveAt ?? null}::text::timestamptz,
      waits => ${order.waitForFunds ?? null}::boolean, not_before => ${order.executeAt ?? null}::text::timestamptz,
      problems => ${problemTitles}, headers => ${order.headers ? JSON.stringify(order.headers) : null}::text::jsonb
    ) as answer) as a`;

export type BulkOrder = {
  scope: string;
  key: string;
  hash: string;
  instance: string;
  requestId: string;
  headers: Tracing;
  /** All or nothing; otherwise each by itself. */
  atomic: boolean;
  orders: readonly TransferOrder[];
};

/** Posts many transfers under one key, whose answer lists theirs. */
export const postBulk = async (sql: Queryable, bulk: BulkOrder): Promise<Answer> => {
  const columns = toColumns(bulk.orders);
  const [answer] = await sql<Answer[]>`
    select status, body, replayed
    from ledger_post_bulk(
      ${bulk.scope}, ${bulk.key}, ${`\\x${bulk.hash}`}::text::bytea, ${bulk.instance}, ${bulk.requestId}, ${bulk.atomic},
      ${columns.accounts}::uuid[], ${columns.ids}::uuid[], ${columns.sources}::integer[],
      ${columns.destinations}::integer[], ${columns.amounts}::numeric[], ${columns.types}::text[],
      ${columns.scopes}::text[], ${columns.keys}::text[], ${columns.hashes}::bytea[], ${columns.owners}::uuid[],
      ${columns.currencies}::text[], ${columns.references}::text[], ${columns.descriptions}::text[],
      ${columns.effective}::text[]::timestamptz[], ${problemTitles}, ${JSON.stringify(bulk.headers)}::text::jsonb
    )`;
  return answer!;
};

export type Reversal = {
  transferId: string;
  newId: string;
  description: string | undefined;
  /** From when it counts; now, if not given. */
  effectiveAt: string | undefined;
  scope: string;
  key: string;
  hash: string;
  instance: string;
  requestId: string;
  headers: Tracing;
};

export type Cancellation = Omit<Reversal, "newId" | "description" | "effectiveAt">;

/** Calls back a transfer that waits, in the scope that ordered it; 'platform' calls back any. */
export const cancelTransfer = async (sql: Queryable, order: Cancellation): Promise<Answer> => {
  const [answer] = await sql<Answer[]>`
    select status, body, replayed
    from ledger_cancel(
      ${order.transferId}::uuid, ${order.scope}, ${order.key}, ${`\\x${order.hash}`}::text::bytea, ${order.instance},
      ${order.requestId}, ${problemTitles}, ${JSON.stringify(order.headers)}::text::jsonb
    )`;
  return answer!;
};

/** Moves a transfer's amount back, once. */
export const revertTransfer = async (sql: Queryable, reversal: Reversal): Promise<Answer> => {
  const [answer] = await sql<Answer[]>`
    select status, body, replayed
    from ledger_revert(
      ${reversal.transferId}::uuid, ${reversal.newId}::uuid, ${reversal.description ?? null}::text, ${reversal.scope},
      ${reversal.key}, ${`\\x${reversal.hash}`}::text::bytea, ${reversal.instance}, ${reversal.requestId}, ${problemTitles},
      ${JSON.stringify(reversal.headers)}::text::jsonb, ${reversal.effectiveAt ?? null}::text::timestamptz
    )`;
  return answer!;
};

/** Tries transfers that wait for funds or for their time, the most urgent first. Returns how many it tried. */
export const retryDue = async (sql: Queryable, most: number, giveUpAfterHours: number): Promise<number> => {
  const [row] = await sql<{ tried: number }[]>`
    select ledger_retry_due(${most}, make_interval(hours => ${giveUpAfterHours}), ${problemTitles}) as tried`;
  return row!.tried;
};
