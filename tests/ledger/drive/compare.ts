import type { Queryable } from "../../../platform/database/connect.ts";
import type { Expected, Model } from "../model/model.ts";
import type { Answer } from "./post.ts";

/** Says what is wrong with an answer; undefined when it is as expected. */
export const judgeAnswer = (expected: Expected, answer: Answer | undefined): string | undefined => {
  if (!answer) return "there is no answer";
  const seen = (JSON.parse(answer.body) ?? {}) as Record<string, unknown>;
  const wrong =
    answer.status !== expected.status ||
    answer.replayed !== expected.replayed ||
    (expected.code !== undefined && seen["code"] !== expected.code) ||
    (expected.body !== undefined && answer.body !== expected.body) ||
    Object.entries(expected.members ?? {}).some(([path, value]) => memberAt(seen, path) !== value);
  if (!wrong) return undefined;
  return `expected ${JSON.stringify(expected)}, answered ${answer.status} ${answer.replayed ? "replayed " : ""}${answer.body}`;
};

// A member of a member is named with a dot between them.
const memberAt = (body: Record<string, unknown>, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], body);

/** Every account, transfer, hold and decline that the database holds otherwise than the model. */
export const compareWithModel = async (sql: Queryable, model: Model): Promise<string[]> => [
  ...differences("account", expectedAccounts(model), await storedAccounts(sql)),
  ...differences("transfer", expectedTransfers(model), await storedTransfers(sql)),
  ...differences("hold", expectedHolds(model), await storedHolds(sql)),
  ...differences("decline", expectedDeclines(model), await storedDeclines(sql)),
];

const differences = (
  name: string,
  expected: ReadonlyMap<string, string>,
  stored: ReadonlyMap<string, string>,
): string[] =>
  [...new Set([...expected.keys(), ...stored.keys()])]
    .filter((id) => expected.get(id) !== stored.get(id))
    .map((id) => `${name} ${id}: expected ${expected.get(id) ?? "none"}, stored ${stored.get(id) ?? "none"}`);

const expectedAccounts = ({ accounts }: Model): Map<string, string> =>
  new Map(
    [...accounts.values()].map(({ id, status, limit, overlimit, debits, credits, held }) => [
      id,
      [status, limit, overlimit, debits, credits, held].map(String).join(" "),
    ]),
  );

const expectedTransfers = ({ transfers }: Model): Map<string, string> =>
  new Map(
    [...transfers.values()].map(({ id, status, minor, failure, revertedBy }) => [
      id,
      [status, minor, failure, revertedBy].map(String).join(" "),
    ]),
  );

const storedAccounts = async (sql: Queryable): Promise<Map<string, string>> =>
  toMap(
    await sql<Row[]>`
      select a.id, concat_ws(
        ' ', a.status, coalesce(a.credit_limit::text, 'null'), a.overlimit,
        a.debits_posted + coalesce(b.debits, 0), a.credits_posted + coalesce(b.credits, 0), a.debits_pending
      ) as text
      from ledger_accounts as a
      left join (
        select account_id, sum(debits_posted) as debits, sum(credits_posted) as credits
        from ledger_sub_balances group by account_id
      ) as b on b.account_id = a.id`,
  );

const storedTransfers = async (sql: Queryable): Promise<Map<string, string>> =>
  toMap(
    await sql<Row[]>`
      select id, concat_ws(
        ' ', status, amount, coalesce(failure_code, 'null'), coalesce(reverted_by_id::text, 'null')
      ) as text
      from ledger_transfers`,
  );

const expectedHolds = ({ holds }: Model): Map<string, string> =>
  new Map(
    [...holds.values()].map(({ id, account, status, amount, captured, voided, expired }) => [
      id,
      [account, status, amount, captured, voided, expired].map(String).join(" "),
    ]),
  );

const storedHolds = async (sql: Queryable): Promise<Map<string, string>> =>
  toMap(
    await sql<Row[]>`
      select id, concat_ws(' ', account_id, status, amount, captured, voided, expired) as text from ledger_holds`,
  );

const expectedDeclines = ({ declines }: Model): Map<string, string> =>
  new Map([...declines.values()].map(({ id, owner, reason }) => [id, `${owner} ${reason}`]));

const storedDeclines = async (sql: Queryable): Promise<Map<string, string>> =>
  toMap(await sql<Row[]>`select id, concat_ws(' ', owner_id, reason) as text from ledger_declines`);

type Row = { id: string; text: string };

const toMap = (rows: readonly Row[]): Map<string, string> => new Map(rows.map(({ id, text }) => [id, text]));
