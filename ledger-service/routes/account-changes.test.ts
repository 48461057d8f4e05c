import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { accountChangeMade } from "../../contracts/http/ledger-account-changes.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { LEDGER_OPERATOR, openHouse } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger, move } = await useLedger();

const ACCOUNTS = "/v1/accounts";
const OPERATOR = `operator:${LEDGER_OPERATOR.kind === "operator" ? LEDGER_OPERATOR.id : ""}`;
const changesOf = (id: string, query = "", caller?: Caller) =>
  ledger.send("GET", `${ACCOUNTS}/${id}/changes${query}`, caller && { caller });
const patch = (id: string, body: object) =>
  ledger.send("PATCH", `${ACCOUNTS}/${id}`, { body, headers: { "if-match": "*" } });

/** A line of a fresh person that was used, lowered, frozen, opened again and used once more. */
const livedIn = async () => {
  const ownerId = randomUUID();
  const made = await ledger.send("POST", ACCOUNTS, {
    body: { kind: "credit_line", currency: "USD", creditLimit: "100", ownerId },
  });
  const id = made.body.id as string;
  const shop = await openHouse(sql);
  expect((await move(id, shop, "10")).status).toBe(201);
  for (const change of [
    { creditLimit: "50.5", reason: "shrank" },
    { status: "frozen", reason: "card stolen" },
    { status: "open" },
  ])
    expect((await patch(id, change)).status).toBe(200);
  expect((await move(id, shop, "10")).status).toBe(201);
  const owner: Caller = { kind: "user", id: ownerId };
  return { id, owner };
};

test("operators see by whom an account was opened, limited, frozen and opened again, and why; nothing that moved money", async () => {
  const { id } = await livedIn();
  const { status, body } = await changesOf(id);
  const [opened] =
    await sql`select ledger_time(created_at) as at from ledger_accounts where id = ${id}::uuid`;
  expect(status).toBe(200);
  const of = { creditLimit: "50.50", actor: OPERATOR, changedAt: expect.any(String) as string };
  expect(body).toEqual({
    items: [
      { version: 5, change: "status", status: "open", ...of },
      { version: 4, change: "status", status: "frozen", reason: "card stolen", ...of },
      { version: 3, change: "limit", status: "open", reason: "shrank", ...of },
      {
        version: 1,
        change: "opened",
        status: "open",
        ...of,
        creditLimit: "100.00",
        changedAt: opened!["at"],
      },
    ],
    nextCursor: null,
  });
  for (const item of body.items as object[]) accountChangeMade.parse(item);
});

test("the owner sees what became of their account and when, and neither names nor reasons", async () => {
  const { id, owner } = await livedIn();
  const { body, text } = await changesOf(id, "", owner);
  expect(
    body.items.map(({ version, change }: { version: number; change: string }) => [version, change]),
  ).toEqual([
    [5, "status"],
    [4, "status"],
    [3, "limit"],
    [1, "opened"],
  ]);
  expect(text).not.toMatch(/actor|operator|reason|stolen/);
});

test("changes come page by page, each once", async () => {
  const { id } = await livedIn();
  const versions: number[] = [];
  for (let cursor = ""; ;) {
    const { body } = await changesOf(id, `?limit=3${cursor}`);
    versions.push(...body.items.map(({ version }: { version: number }) => version));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(versions).toEqual([5, 4, 3, 1]);
});

test("a wallet that its person opened says so, and has no limit to tell", async () => {
  const owner: Caller = { kind: "user", id: randomUUID() };
  const { body } = await ledger.send("POST", ACCOUNTS, { caller: owner, body: { currency: "USD" } });
  const { items } = (await changesOf(body.id as string)).body;
  expect(items).toEqual([
    {
      version: 1,
      change: "opened",
      status: "open",
      actor: `user:${owner.id}`,
      changedAt: expect.any(String) as string,
    },
  ]);
});

test("changes of somebody else's account, and of none, are not found; bad cursors are named", async () => {
  const { id } = await livedIn();
  const stranger: Caller = { kind: "user", id: randomUUID() };
  for (const [account, caller] of [
    [id, stranger],
    [randomUUID(), undefined],
  ] as const)
    expect(await changesOf(account, "", caller)).toMatchObject({
      status: 404,
      body: { code: "account_not_found" },
    });
  expect((await changesOf(id, "", { kind: "partner", id: randomUUID() })).status).toBe(403);
  expect(await changesOf(id, "?cursor=x")).toMatchObject({ status: 400, body: { code: "invalid_query" } });
  expect((await changesOf("x")).status).toBe(400);
});
