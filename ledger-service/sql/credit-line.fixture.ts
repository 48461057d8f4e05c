import { errorCodes } from "../../platform/errors/error-codes.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { uuidV7 } from "../../platform/identity/uuid-v7.ts";
import type { RiskPolicy } from "../domain/risk-policy.ts";
import type { Answer } from "../commit/group-commit.ts";
import { authorize } from "./authorize.ts";
import type { NewAuthorization } from "./authorize.ts";
import { capture, voidHolds } from "./settle-holds.ts";
import type { Capture } from "./settle-holds.ts";

export const NO_RULES: RiskPolicy = { maxAmount: null, velocity: { seconds: 60, count: null, amount: null } };
export const PROBLEMS = JSON.stringify(errorCodes);

export type Line = { accountId: string; owner: string; scope: string };

/** A fresh person's credit line, its limit in cents, and the house's settlement account. */
export const openLine = async (sql: Sql, limit = 10_000): Promise<Line> => {
  const [accountId, owner] = [uuidV7(), uuidV7()];
  await openSettlement(sql);
  await sql`
    with opened as (
      insert into ledger_accounts (id, kind, currency, exponent, owner_id, credit_limit, created_at, updated_at)
      values (${accountId}::uuid, 'credit_line', 'USD', 2, ${owner}::uuid, ${limit}::bigint, now(), now())
    )
    insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, recorded_at)
    values (${accountId}::uuid, 1, 'opened', ${limit}::bigint, 'open', 'test', now())`;
  return { accountId, owner, scope: `user:${owner}` };
};

const openSettlement = async (sql: Sql): Promise<void> => {
  await sql`
    with opened as (
      insert into ledger_accounts (id, external_id, kind, currency, exponent, sub_balances, created_at, updated_at)
      values (${uuidV7()}::uuid, 'settlement:USD', 'system', 'USD', 2, 4, now(), now())
      on conflict do nothing returning id
    )
    insert into ledger_sub_balances (account_id, sub, updated_at)
    select id, sub, now() from opened, generate_series(1, 4) as sub`;
};

export const openWallet = async (sql: Sql, owner: string): Promise<string> => {
  const id = uuidV7();
  await sql`
    insert into ledger_accounts (id, kind, currency, exponent, owner_id, credit_limit, created_at, updated_at)
    values (${id}::uuid, 'wallet', 'USD', 2, ${owner}::uuid, 0, now(), now())`;
  return id;
};

// oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of a body
export type Told = { status: number; replayed: boolean; body: any };

export const tell = ({ status, body, replayed }: Answer): Told => ({
  status,
  replayed,
  body: JSON.parse(body) as unknown,
});

const context = (scope: string) => ({
  scope,
  key: null,
  hash: null,
  reference: null,
  requestId: "test",
  instance: "/test",
});

export const purchase = (line: Line, over: Partial<NewAuthorization> = {}): NewAuthorization => ({
  ...context(line.scope),
  id: uuidV7(),
  owner: line.owner,
  partner: null,
  external: null,
  amount: "10.00",
  currency: "USD",
  seconds: 600,
  group: null,
  automatic: false,
  ...over,
});

export const authorizeOne = async (
  sql: Sql,
  line: Line,
  over: Partial<NewAuthorization> = {},
  policy: RiskPolicy = NO_RULES,
): Promise<Told> => tell((await authorize(sql, [purchase(line, over)], policy, PROBLEMS))[0]!);

export const captureOf = (line: Line, holdId: string): Capture => ({
  ...context(line.scope),
  id: uuidV7(),
  holdId,
  amount: null,
  final: false,
  destination: null,
});

export const captureOne = async (
  sql: Sql,
  line: Line,
  holdId: string,
  over: Partial<Capture> = {},
): Promise<Told> => tell((await capture(sql, [{ ...captureOf(line, holdId), ...over }], PROBLEMS))[0]!);

export const voidOne = async (sql: Sql, line: Line, holdId: string): Promise<Told> =>
  tell((await voidHolds(sql, [{ ...context(line.scope), holdId }], PROBLEMS))[0]!);

/** What the counters say, in minor units, and what is wrong between them, the holds and the entries. */
export const audit = async (sql: Sql, { accountId }: Line) => {
  const [counters] = await sql<{ posted: number; pending: number; version: number }[]>`
    select debits_posted::int as posted, debits_pending::int as pending, version::int
    from ledger_accounts where id = ${accountId}::uuid`;
  const [wrong] = await sql<{ pending: string; posted: string; versions: string; sums: string }[]>`
    select
      (select a.debits_pending - coalesce(sum(h.open), 0) from ledger_accounts a left join ledger_holds h on h.account_id = a.id
       where a.id = ${accountId}::uuid group by a.id) as pending,
      (select a.debits_posted + coalesce(sum(e.amount) filter (where e.amount < 0), 0)
       from ledger_accounts a left join ledger_entries e on e.account_id = a.id where a.id = ${accountId}::uuid group by a.id) as posted,
      (select max(a.version) - count(*) filter (where v.version is not null) + count(*) - count(distinct v.version)
       from ledger_accounts a, (
         select version from ledger_account_changes where account_id = ${accountId}::uuid
         union all select version from ledger_entries where account_id = ${accountId}::uuid
         union all select placed_version from ledger_holds where account_id = ${accountId}::uuid
         union all select closed_version from ledger_holds where account_id = ${accountId}::uuid and closed_version is not null
       ) as v where a.id = ${accountId}::uuid) as versions,
      (select coalesce(sum(amount), 0) from ledger_entries) as sums`;
  return { ...counters!, wrong: Object.values(wrong!).map(Number) };
};
