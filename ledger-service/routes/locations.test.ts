import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import { openHouse, openPair } from "../../tests/harness/ledger-service.ts";
import { openLine } from "../../tests/ledger/credit-line.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

type Request = { path: string; body: object; caller?: Caller };

const post = async ({ path, ...options }: Request, key: string = randomUUID()) =>
  ledger.send("POST", path, { ...options, key });

const transfer = async (more: object = {}): Promise<Request> => {
  const { order } = await openPair(sql);
  return { path: "/v1/transfers", body: { ...order, amount: "1", ...more } };
};

const purchase = async (): Promise<Request> => {
  const { owner } = await openLine(sql);
  return { path: "/v1/authorizations", body: { amount: "1" }, caller: { kind: "user", id: owner } };
};

const CASES: [string, number, () => Promise<Request>][] = [
  ["a transfer", 201, transfer],
  ["a transfer that waits", 202, () => transfer({ executeAt: new Date(Date.now() + 3_600_000) })],
  [
    "a reversal",
    201,
    async () => {
      const { body } = await post(await transfer());
      return { path: `/v1/transfers/${body.id}/revert`, body: {} };
    },
  ],
  ["an account", 201, async () => ({ path: "/v1/accounts", body: { currency: "USD" } })],
  ["an authorization", 201, purchase],
  [
    "a declined authorization",
    201,
    async () => ({ ...(await purchase()), body: { amount: "1", currency: "EUR" } }),
  ],
  [
    "a capture",
    201,
    async () => {
      const made = await purchase();
      const { body } = await post(made);
      return { ...made, path: `/v1/authorizations/${body.id}/capture`, body: {} };
    },
  ],
  [
    "a sibling's account",
    201,
    async () => ({ path: "/api/v1/accounts", body: { account_id: `a/b ${randomUUID()}` } }),
  ],
  [
    "a sibling's transaction",
    201,
    async () => {
      const [from, to] = [randomUUID(), randomUUID()];
      await post({ path: "/api/v1/accounts", body: { account_id: from, initial_balance: "5" } });
      await post({ path: "/api/v1/accounts", body: { account_id: to } });
      const body = { source_account_id: from, destination_account_id: to, amount: "1" };
      return { path: "/api/v1/transactions", body };
    },
  ],
];

test.each(CASES)("%s is found under its Location, also after a repeat", async (_what, status, prepare) => {
  const request = await prepare();
  const key = randomUUID();
  const [made, again] = [await post(request, key), await post(request, key)];
  expect([made.status, again.status, again.text]).toEqual([status, status, made.text]);
  const location = made.headers.get("location")!;
  expect(again.headers.get("location")).toBe(location);
  const found = await ledger.send("GET", location, request.caller ? { caller: request.caller } : {});
  expect(found.status).toBe(200);
  const { id, transferId, account_id: name } = made.body;
  // Of a capture it is the transfer.
  expect([found.body.id, found.body.account_id]).toEqual([id || transferId, name]);
});

test("where nothing was made there is no Location", async () => {
  const { path, body } = await transfer({ referenceId: randomUUID() });
  expect((await post({ path, body })).headers.get("location")).toMatch(/^\/v1\/transfers\//);
  const again = await post({ path, body });
  const refused = await post(await transfer({ amount: "1000" }));
  const bulk = await post({ path: `${path}/bulk`, body: { transfers: [(await transfer()).body] } });
  const exists = await post({
    path: "/v1/accounts",
    body: { id: await openHouse(sql), currency: "USD" },
  });
  const answers = [again, refused, bulk, exists];
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 201, 409]);
  expect(answers.map(({ headers }) => headers.get("location"))).toEqual([null, null, null, null]);
});
