import { expect, test } from "vitest";
import { openHouse, openWallet } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { uuidv7 } from "uuidv7";
import { postTransfers } from "./post-transfers.ts";

const { sql } = await useLedger();

const order = (source: string, destination: string, amount = "1") => ({
  id: uuidv7(),
  source,
  destination,
  amount,
  type: "transfer",
  scope: "platform",
  requestId: "",
  instance: "/test",
});
const DRY = { dry: true };
const accounts = async () => ({
  wallet: (await openWallet(sql, { balance: "10" })).id,
  house: await openHouse(sql),
  hot: await openHouse(sql, { subBalances: 2 }),
});

test("a dry run answers while others post to its accounts, by what was committed last", async () => {
  const { wallet, house, hot } = await accounts();
  const answers = await sql.begin(async (tx) => {
    const posted = await postTransfers(tx, [order(wallet, house, "4"), order(house, hot)]);
    expect(posted.map(({ status }) => status)).toEqual([201, 201]);
    // Its whole row, as a closing holds it.
    await tx`select from ledger_accounts where id in (${wallet}, ${house}, ${hot}) for update`;
    await tx`lock table ledger_sub_balances in exclusive mode`;
    return [
      ...(await postTransfers(sql, [order(wallet, house, "10")], DRY)),
      ...(await postTransfers(sql, [order(wallet, hot, "11")], DRY)),
      ...(await postTransfers(sql, [order(hot, wallet)], DRY)),
    ];
  });
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 200]);
  const [now] = await postTransfers(sql, [order(wallet, house, "10")], DRY);
  expect(JSON.parse(now!.body)).toMatchObject({ code: "insufficient_funds", available: "6.00" });
});

test("a dry run holds up no posting, however long it takes", async () => {
  const { wallet, house, hot } = await accounts();
  await sql.begin(async (tx) => {
    const dry = await postTransfers(tx, [order(wallet, house), order(house, hot)], DRY);
    expect(dry.map(({ status }) => status)).toEqual([200, 200]);
    const posted = await postTransfers(sql, [order(wallet, house), order(house, hot), order(hot, wallet)]);
    expect(posted.map(({ status }) => status)).toEqual([201, 201, 201]);
  });
});

test("a dry run of an account in parts looks at the part that this connection would post to", async () => {
  const { wallet } = await accounts();
  await sql.begin(async (tx) => {
    const [session] = await tx`select pg_backend_pid() as pid`;
    const pid = session!["pid"] as number;
    // So many that it is not the first, whichever connection this is.
    const parts = [2, 3, 5, 7, 11, 13, 17, 19].find((count) => pid % count > 0)!;
    const hot = await openHouse(tx, { subBalances: parts });
    await tx`
      update ledger_sub_balances set credits_posted = 4000000000000000000
      where account_id = ${hot}::uuid and sub = ${1 + (pid % parts)}`;
    const [dry] = await postTransfers(tx, [order(wallet, hot)], DRY);
    const [posted] = await postTransfers(tx, [order(wallet, hot)]);
    const code = ({ body }: { body: string }) => (JSON.parse(body) as { code: string }).code;
    expect([dry!.status, code(dry!)]).toEqual([posted!.status, code(posted!)]);
    expect(posted!.status).toBe(422);
    await tx`update ledger_sub_balances set credits_posted = 0 where account_id = ${hot}::uuid`;
  });
});
