import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { secrets } from "./support/stack.ts";

type Account = { id: string; balance: string; version: number };

let operator: string;
let [ada, bob]: Person[] = [];
beforeAll(async () => {
  operator = await operatorToken();
  [ada, bob] = await Promise.all([newPerson(), newPerson()]);
});

const post = <Body>(path: string, token: string | undefined, json: unknown, key: string = randomUUID()) =>
  send<Body>("POST", path, { token, json, headers: { "idempotency-key": key } });

const openWallet = async (person: Person): Promise<string> => {
  const answer = await post<Account>("/v1/accounts", person.token, { currency: "USD" });
  expect(answer.status).toBe(201);
  return answer.body.id;
};

describe("the ledger through nginx and the gateway", () => {
  it("an operator funds a wallet, its owner pays another, and both see it", async () => {
    const [from, to] = await Promise.all([openWallet(ada!), openWallet(bob!)]);
    const house = await post<Account>("/v1/accounts", operator, { kind: "bank", currency: "USD" });
    const funding = { sourceAccountId: house.body.id, destinationAccountId: from, amount: "20" };
    expect((await post("/v1/transfers", operator, funding)).status).toBe(201);

    const key = randomUUID();
    const order = { sourceAccountId: from, destinationAccountId: to, amount: "7.25" };
    const [paid, again] = [
      await post<{ id: string }>("/v1/transfers", ada!.token, order, key),
      await post<{ id: string }>("/v1/transfers", ada!.token, order, key),
    ];
    expect([paid.status, again.status, again.body]).toEqual([201, 201, paid.body]);
    expect(again.headers.get("idempotency-hit")).toBe("true");
    expect(again.headers.get("location")).toBe(`/v1/transfers/${paid.body.id}`);
    const seen = await send<Account>("GET", `/v1/accounts/${from}`, { token: ada!.token });
    expect(seen).toMatchObject({ status: 200, body: { balance: "12.75" } });
    expect(seen.headers.get("etag")).toBe(`"${seen.body.version}"`);
    expect((await send("GET", `/v1/transfers/${paid.body.id}`, { token: bob!.token })).status).toBe(200);
  });

  it("strangers get nothing, whatever they send along", async () => {
    const wallet = await openWallet(ada!);
    const order = { sourceAccountId: wallet, destinationAccountId: await openWallet(bob!), amount: 1 };
    expect((await send("GET", `/v1/accounts/${wallet}`)).status).toBe(401);
    expect((await send("GET", `/v1/accounts/${wallet}`, { token: bob!.token })).status).toBe(404);
    expect((await post("/v1/transfers", undefined, order)).status).toBe(401);
    expect((await post("/v1/transfers", bob!.token, order)).status).toBe(404);
    expect((await post("/api/v1/accounts", ada!.token, { account_id: randomUUID() })).status).toBe(403);
    const withKey = await send("POST", "/v1/transfers", {
      internalKey: secrets().internalKey,
      json: order,
      headers: { "idempotency-key": randomUUID(), "x-caller-kind": "operator", "x-caller-id": randomUUID() },
    });
    expect(withKey.status).toBe(401);
  });
});
