import { expect, test } from "vitest";
import { brokenRules } from "../verify/describe.ts";
import { verifyLedger } from "../verify/verify-ledger.ts";
import { uuidV7 } from "../../platform/identity/uuid-v7.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { authorizeOne, captureOf, openLine, PROBLEMS } from "./credit-line.fixture.ts";
import { postTransfers } from "./post-transfers.ts";
import { capture } from "./settle-holds.ts";

test("a capture that is refused first does not lead the others of its batch to other accounts", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [line, other] = [await openLine(sql), await openLine(sql)];
  const { body } = await authorizeOne(sql, line);
  const { body: another } = await authorizeOne(sql, other);
  const answers = await capture(
    sql,
    [captureOf(line, uuidV7()), captureOf(line, body.id), captureOf(other, another.id)],
    PROBLEMS,
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 201, 201]);
  const posted = await sql`
    select source_account_id as source, amount from ledger_transfers where type = 'capture' order by source_account_id`;
  expect([...posted]).toEqual(
    [line.accountId, other.accountId].toSorted().map((source) => ({ source, amount: "1000" })),
  );
});

test("an account that is not there, first in the order of locks, does not shift the counters of the others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const wallet = await openWallet(sql, { balance: "10" });
  const house = await openHouse(sql);
  const nobody = { type: "transfer", scope: "platform", requestId: "", instance: "" };
  const unknown = "00000000-0000-4000-8000-000000000000";
  const answers = await postTransfers(sql, [
    { ...nobody, id: uuidV7(), source: unknown, destination: house, amount: "1" },
    { ...nobody, id: uuidV7(), source: wallet.id, destination: house, amount: "4" },
    { ...nobody, id: uuidV7(), source: wallet.id, destination: house, amount: "7" },
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 201, 422]);
  const [funds] =
    await sql`select credits_posted - debits_posted as left from ledger_accounts where id = ${wallet.id}`;
  expect(funds).toEqual({ left: "600" });
  expect(brokenRules(await verifyLedger(sql, { outboxIsWhole: true })).map(({ name }) => name)).toEqual([]);
});
