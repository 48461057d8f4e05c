import type { LedgerBody } from "../harness/answer-body.ts";
import { errorCodes } from "../../platform/errors/error-codes.ts";
import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import type { RiskPolicy } from "../../ledger-service/domain/risk-policy.ts";
import type { Answer } from "../../ledger-service/sql/answer.ts";
import { brokenRules } from "../../ledger-service/verify/describe.ts";
import { verifyLedger } from "../../ledger-service/verify/verify-ledger.ts";
import { authorize } from "../../ledger-service/sql/authorize.ts";
import type { NewAuthorization } from "../../ledger-service/sql/authorize.ts";
import { capture, voidHolds } from "../../ledger-service/sql/settle-holds.ts";
import type { Capture } from "../../ledger-service/sql/settle-holds.ts";

export const NO_RULES: RiskPolicy = { maxAmount: null, velocity: { seconds: 60, count: null, amount: null } };
export const PROBLEMS = JSON.stringify(errorCodes);

export type Line = { accountId: string; owner: string; scope: string };

/** A fresh person's credit line, its limit in cents, and the house's settlement account. */
export const openLine = async (sql: Sql, limit = 10_000): Promise<Line> => {
  const [accountId, owner] = [uuidv7(), uuidv7()];
  await sql`
    select ledger_open_credit_line(
      ${accountId}::uuid, ${uuidv7()}::uuid, ${owner}::uuid, ${limit}::numeric / 100, 'USD', 2::smallint
    )`;
  return { accountId, owner, scope: `user:${owner}` };
};

/** The rules of `npm run ledger:verify` that something breaks. */
export const brokenLedgerRules = async (sql: Sql): Promise<unknown[]> =>
  brokenRules(await verifyLedger(sql, { outboxIsWhole: true }));

export type Told = { status: number; replayed: boolean; body: LedgerBody };

export const tell = ({ status, body, replayed }: Answer): Told => ({
  status,
  replayed,
  body: JSON.parse(body) as LedgerBody,
});

const context = (scope: string) => ({
  scope,
  key: null,
  hash: null,
  reference: null,
  requestId: "test",
  headers: {},
  instance: "/test",
});

export const purchase = (line: Line, over: Partial<NewAuthorization> = {}): NewAuthorization => ({
  ...context(line.scope),
  id: uuidv7(),
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
  id: uuidv7(),
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

/** Expires holds that are due, as the worker does; returns how many, at most `most`. */
export const expireHolds = async (sql: Queryable, most: number): Promise<number> => {
  const [row] = await sql<{ expired: number }[]>`select ledger_expire(${most}::integer) as expired`;
  return row!.expired;
};

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
