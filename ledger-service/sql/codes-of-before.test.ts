import { afterAll, beforeAll, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { authorizeOne, openLine, PROBLEMS } from "../../tests/ledger/credit-line.ts";
import { uuidv7 } from "uuidv7";

let database: FreshDatabase;
let sql: FreshDatabase["sql"];
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

// The codes that a replica knows which was there before these were made.
const before = JSON.stringify({
  ...(JSON.parse(PROBLEMS) as object),
  account_needed: undefined,
  authorization_declined: undefined,
});

type Row = { status: number; code: string };

test("a replica that does not know the code of a declined purchase is told that there is none", async () => {
  const line = await openLine(sql);
  const { body } = await authorizeOne(sql, line, { amount: "999" });
  const capture = (problems: string) => sql<Row[]>`
    select status, body::jsonb ->> 'code' as code from ledger_capture(
      ids => array[${uuidv7()}::uuid], holds => array[${body.id}::uuid], scopes => array[${line.scope}],
      problems => ${problems}
    )`;
  expect(await capture(before)).toMatchObject([{ status: 404, code: "authorization_not_found" }]);
  expect(await capture(PROBLEMS)).toMatchObject([{ status: 409, code: "authorization_declined" }]);
});

test("a replica that does not know the code of an account that is needed is told that it is in use", async () => {
  await openLine(sql);
  const close = (problems: string) => sql<Row[]>`
    select c.status, c.body::jsonb ->> 'code' as code
    from ledger_accounts as a cross join lateral ledger_change_account(
      a.id, null, null, 'closed', 'test', null, '/test', 'test', ${problems}
    ) as c
    where a.external_id = 'settlement:USD'`;
  expect(await close(before)).toMatchObject([{ status: 409, code: "account_in_use" }]);
  expect(await close(PROBLEMS)).toMatchObject([{ status: 409, code: "account_needed" }]);
});
