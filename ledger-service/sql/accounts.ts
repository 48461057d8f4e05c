import type { Queryable } from "../../platform/database/connect.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import type { Answer } from "./answer.ts";
import { problemTitles } from "./problem-titles.ts";

export type NewAccount = {
  id: string;
  externalId?: string | undefined;
  kind: "wallet" | "credit_line" | "bank" | "system";
  currency: string;
  exponent: number;
  ownerId?: string | undefined;
  name?: string | undefined;
  /** A decimal, of credit lines. */
  creditLimit?: string | undefined;
  subBalances?: number | undefined;
  actor: string;
  opening?: { fundingId: string; amount: string; transferId: string; payer?: string | undefined } | undefined;
  scope: string;
  key?: string | undefined;
  hash?: string | undefined;
  instance: string;
  requestId: string;
  headers: Tracing;
};

/** Opens an account and moves its opening balance, both or neither, in one round trip. */
export const openAccount = async (sql: Queryable, account: NewAccount): Promise<Answer> => {
  const { opening } = account;
  const [answer] = await sql<Answer[]>`
    select status, body, replayed
    from ledger_open_account(
      ${account.id}::uuid, ${account.externalId ?? null}::text, ${account.kind}, ${account.currency},
      ${account.exponent}::smallint, ${account.ownerId ?? null}::uuid, ${account.name ?? null}::text,
      ${account.creditLimit ?? null}::numeric, ${account.subBalances ?? 0}::smallint, ${account.actor},
      ${opening?.fundingId ?? null}::uuid, ${opening?.amount ?? null}::numeric, ${opening?.transferId ?? null}::uuid,
      ${opening?.payer ?? null}::uuid, ${account.scope}, ${account.key ?? null}::text,
      ${account.hash === undefined ? null : `\\x${account.hash}`}::text::bytea, ${account.instance},
      ${account.requestId}, ${problemTitles}, headers => ${JSON.stringify(account.headers)}::text::jsonb
    )`;
  return answer!;
};

export type AccountChange = {
  id: string;
  /** The version that the caller has seen; null is any. */
  expected: string | null;
  creditLimit?: string | undefined;
  status?: "open" | "frozen" | "closed" | undefined;
  actor: string;
  reason?: string | undefined;
  instance: string;
  requestId: string;
  headers: Tracing;
};

export type Changed = { status: number; body: string; version: string | null };

/** Changes a limit or a status, if nobody has changed the account since. */
export const changeAccount = async (sql: Queryable, change: AccountChange): Promise<Changed> => {
  const [row] = await sql<Changed[]>`
    select status, body, version
    from ledger_change_account(
      ${change.id}::uuid, ${change.expected}::bigint, ${change.creditLimit ?? null}::numeric,
      ${change.status ?? null}::text, ${change.actor}, ${change.reason ?? null}::text, ${change.instance},
      ${change.requestId}, ${problemTitles}, ${JSON.stringify(change.headers)}::text::jsonb
    )`;
  return row!;
};

export type AccountRow = {
  id: string;
  owner_id: string | null;
  currency: string;
  exponent: number;
  json: string;
};

export const readAccount = async (sql: Queryable, id: string): Promise<AccountRow | undefined> => {
  const [row] = await sql<AccountRow[]>`
    select a.id, a.owner_id, a.currency, a.exponent, ledger_account_json(a) as json
    from ledger_accounts as a
    where a.id = ${id}::uuid`;
  return row;
};

/** The credit line that keeps a person from another one, along ledger_accounts_one_credit_line. */
export const findTaken = async (
  sql: Queryable,
  { kind, ownerId, currency }: { kind: string; ownerId?: string | undefined; currency: string },
): Promise<string | undefined> => {
  if (kind !== "credit_line" || ownerId === undefined) return undefined;
  const [row] = await sql<{ id: string }[]>`
    select id from ledger_accounts
    where owner_id = ${ownerId}::uuid and currency = ${currency} and kind = 'credit_line' and status <> 'closed'`;
  return row?.id;
};

export type AccountFilter = {
  ownerId?: string | undefined;
  kind?: string | undefined;
  after?: string | undefined;
  limit: number;
};

/** The id is an account's, or (without json) where the look for a kind ended, to go on from. */
export type AccountOfPage = { id: string; json: string | null };

/**
 * Newest first, along ledger_accounts_owner or the primary key. No index has the kinds: they are picked from so many
 * accounts a page, which may then be short.
 */
export const listAccounts = (
  sql: Queryable,
  { ownerId, kind, after, limit }: AccountFilter,
): Promise<AccountOfPage[]> => {
  const lookedAt = kind === undefined ? limit : LOOKED_AT;
  const wanted = sql`
    ${ownerId === undefined ? sql`` : sql`and t.owner_id = ${ownerId}::uuid`}
    ${after === undefined ? sql`` : sql`and t.id < ${after}::uuid`}`;
  return sql<AccountOfPage[]>`
    with page as (
      select l.id, ledger_account_json(l.account) as json
      from (
        select t.id, t.kind, t as account from ledger_accounts as t
        where true ${wanted}
        order by t.id desc limit ${lookedAt}
      ) as l
      where true ${kind === undefined ? sql`` : sql`and l.kind = ${kind}`}
      order by l.id desc
      limit ${limit}
    )
    select id, json from page
    union all
    (
      select t.id, null from ledger_accounts as t
      where (select count(*) from page) < ${limit} ${wanted}
      order by t.id desc offset ${lookedAt - 1} limit 1
    )
    order by id desc`;
};

const LOOKED_AT = 10_000;
