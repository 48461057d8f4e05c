import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { startLedger } from "../../tests/harness/ledger-service.ts";
import { type Line, authorizeOne, openLine } from "../../tests/ledger/credit-line.ts";
import { openAccount } from "../../tests/ledger/open-account.ts";
import { rowsRead } from "../../tests/ledger/rows-read.ts";
import { listAccounts } from "./accounts.ts";
import { listAuthorizations, listOfPartner } from "./authorizations.ts";
import { listSagas } from "./sagas.ts";
import { listUnposted } from "./transfers.ts";

const MANY = 5_000;
const LIMIT = 11;
// A page's own rows, and a few that are looked at besides.
const A_PAGE = 4 * LIMIT;

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const id = (n: number): string =>
  `018f${n
    .toString(16)
    .padStart(8, "0")
    .replace(/^(.{4})/, "$1-")}-7000-8000-000000000000`;

test("a page of sagas in a state costs a page, however many are in another", async () => {
  const { sql } = database;
  const few = ["running", "compensating", "compensated", "stuck", "resolved"] as const;
  await sql`
    insert into ledger_sagas (id, state, step, step_deadline, next_attempt_at, created_at, updated_at)
    select ('018f' || lpad(to_hex(n), 8, '0') || '70008' || lpad('', 15, '0'))::uuid,
      coalesce((${`{${few.join()}}`}::text[])[(n + 2) / 3], 'completed'), 'reserve', now(), now(), now(), now()
    from generate_series(1, ${MANY}) as n`;
  await sql`analyze ledger_sagas`;
  for (const state of [...few, "completed"] as const)
    for (const before of [undefined, id(MANY / 2)]) {
      const cost = await rowsRead(sql, "ledger_sagas", async (tx) => {
        const rows = await listSagas(tx, { state, before, most: LIMIT });
        expect(rows.map((row) => row.state)).toEqual(
          Array.from({ length: state === "completed" ? LIMIT : 3 }, () => state),
        );
      });
      expect(cost, `${state} before ${before}`).toBeLessThanOrEqual(A_PAGE);
    }
});

test("a page of a person's authorizations costs a page, however many they have", async () => {
  const { sql } = database;
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line);
  await copies(line, body.id as string);
  for (const after of [undefined, id(MANY / 2), await declineNear(line, MANY / 2)])
    for (const table of ["ledger_holds", "ledger_declines"]) {
      const cost = await rowsRead(sql, table, async (tx) => {
        expect(await listAuthorizations(tx, { owner: line.owner, after, limit: LIMIT })).toHaveLength(LIMIT);
      });
      expect(cost, `${table} after ${after}`).toBeLessThanOrEqual(A_PAGE);
    }
});

test("a page of what a partner asked for costs a page, however much others did", async () => {
  const { sql } = database;
  const [scope, other] = [`partner:${randomUUID()}`, `partner:${randomUUID()}`];
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line);
  for (const asked of [scope, other]) {
    await sql`
      insert into ledger_holds
      select (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'scope', ${asked}::text))).*
      from ledger_holds as h, generate_series(1, ${MANY}) where h.id = ${body.id as string}::uuid`;
    await sql`
      insert into ledger_declines (id, owner_id, reason, amount, currency, scope, decided_at)
      select gen_random_uuid(), ${line.owner}::uuid, 'no_credit_line', 1, 'USD', ${asked}, now()
      from generate_series(1, ${MANY})`;
  }
  await sql`analyze ledger_holds, ledger_declines`;
  for (const before of [undefined, "80000000-0000-4000-8000-000000000000"])
    for (const table of ["ledger_holds", "ledger_declines"]) {
      const cost = await rowsRead(sql, table, async (tx) => {
        expect(await listOfPartner(tx, { scope, before, most: LIMIT })).toHaveLength(LIMIT);
      });
      expect(cost, `${table} before ${before}`).toBeLessThanOrEqual(A_PAGE);
    }
});

// As many holds, one a second, and as many declines half a second later.
const copies = async ({ owner }: Line, holdId: string): Promise<void> => {
  const { sql } = database;
  await sql`
    insert into ledger_holds
    select (jsonb_populate_record(h, jsonb_build_object(
      'id', ('018f' || lpad(to_hex(n), 8, '0') || '70008' || lpad('', 15, '0'))::uuid,
      'placed_at', h.placed_at + make_interval(secs => n), 'expires_at', h.expires_at + make_interval(secs => n),
      'reference_id', null
    ))).*
    from ledger_holds as h, generate_series(1, ${MANY}) as n where h.id = ${holdId}::uuid`;
  await sql`
    insert into ledger_declines (id, owner_id, reason, amount, currency, scope, decided_at)
    select gen_random_uuid(), ${owner}::uuid, 'no_credit_line', 1, 'USD', 'platform', placed_at + interval '500 ms'
    from ledger_holds where owner_id = ${owner}::uuid`;
  await sql`analyze ledger_holds, ledger_declines`;
};

const declineNear = async ({ owner }: Line, n: number): Promise<string> => {
  const [row] = await database.sql<{ id: string }[]>`
    select id from ledger_declines where owner_id = ${owner}::uuid order by decided_at offset ${n} limit 1`;
  return row!.id;
};

test("the few transfers of an account that wait cost a page, however many have failed", async () => {
  const { sql } = database;
  const wallet = await openAccount(sql, { kind: "wallet" });
  const bank = await openAccount(sql, { kind: "bank" });
  await sql`
    insert into ledger_transfers
      (id, type, status, failure_code, scope, source_account_id, destination_account_id, amount, exponent, currency, recorded_at, next_attempt_at)
    select gen_random_uuid(), 'transfer', case when n <= 3 then 'pending' else 'failed' end,
      case when n > 3 then 'insufficient_funds' end, 'platform', ${wallet}::uuid, ${bank}::uuid, 1, 2, 'USD', now(),
      case when n <= 3 then now() end
    from generate_series(1, ${MANY}) as n`;
  await sql`analyze ledger_transfers`;
  const list = (status: "pending" | "failed", length: number) =>
    rowsRead(sql, "ledger_transfers", async (tx) => {
      const page = { accountId: wallet, status, after: undefined, limit: LIMIT };
      expect(await listUnposted(tx, page)).toHaveLength(length);
    });
  expect(await list("pending", 3)).toBeLessThanOrEqual(A_PAGE);
  expect(await list("failed", LIMIT)).toBeLessThanOrEqual(A_PAGE);
});

test("accounts of a kind are picked from so many a page, and the pages go on from where the last one ended", async () => {
  const { sql } = database;
  await openAccount(sql, { kind: "system" });
  await sql`
    insert into ledger_accounts (id, kind, currency, exponent, owner_id, credit_limit, created_at, updated_at)
    select gen_random_uuid(), 'wallet', 'USD', 2, gen_random_uuid(), 0, now(), now()
    from generate_series(1, 30000)`;
  await sql`analyze ledger_accounts`;
  const found: string[] = [];
  let after: string | undefined;
  do {
    let rows: Awaited<ReturnType<typeof listAccounts>> = [];
    const page = { kind: "system", after, limit: LIMIT };
    const cost = await rowsRead(sql, "ledger_accounts", async (tx) => (rows = await listAccounts(tx, page)));
    expect(cost).toBeLessThanOrEqual(2 * 10_000 + 2 * LIMIT);
    found.push(...rows.flatMap((row) => (row.json === null ? [] : [row.id])));
    after = rows.find(({ json }) => json === null)?.id;
  } while (after !== undefined);
  const all = await sql<
    { id: string }[]
  >`select id from ledger_accounts where kind = 'system' order by id desc`;
  expect(found).toEqual(all.map((account) => account.id));
  expect(await pagesOf("/v1/accounts?kind=system")).toEqual(found);
});

const pagesOf = async (path: string): Promise<string[]> => {
  await using ledger = startLedger(database.sql);
  const found: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { body } = await ledger.send("GET", cursor === "" ? path : `${path}&cursor=${cursor}`);
    found.push(...body.items.map((item: { id: string }) => item.id));
    cursor = body.nextCursor as string | null;
  }
  return found;
};
