import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { fundsOf, openPair } from "../../tests/harness/ledger-service.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

test("a body that is not in UTF-8 moves nothing and is not remembered: two references in other bytes would be one", async () => {
  const { source, order } = await openPair(sql, "5");
  const key = randomUUID();
  const body = { ...order, amount: "1", referenceId: "Größe" };
  const raw = Buffer.from(JSON.stringify(body), "latin1");
  const refused = await ledger.send("POST", "/v1/transfers", { key, raw });
  expect(refused).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  expect((await fundsOf(sql, source.id)).balance).toBe(500n);
  expect((await ledger.send("POST", "/v1/transfers", { key, body })).body.referenceId).toBe("Größe");
});

test("a body's size is counted in bytes", async () => {
  const { order } = await openPair(sql, "5");
  const body = { ...order, amount: "1", description: "ü".repeat(600_000) };
  expect(await ledger.send("POST", "/v1/transfers", { body })).toMatchObject({
    status: 413,
    body: { code: "body_too_large" },
  });
});

test.each([
  ["amount", (order: object) => JSON.stringify(order).replace(/}$/, ',"amount":"2"}'), "/amount"],
  [
    "a field of one of many",
    (order: object) => `{"transfers":[${JSON.stringify(order).replace(/}$/, ',"amount":"2"}')}]}`,
    "/transfers/0/amount",
  ],
])(
  "a body with %s twice is 400 and names it, moves nothing and leaves its key free",
  async (_what, write, pointer) => {
    const { source, order } = await openPair(sql, "5");
    const path = pointer === "/amount" ? "/v1/transfers" : "/v1/transfers/bulk";
    const key = randomUUID();
    const raw = write({ ...order, amount: "1" });
    expect(await ledger.send("POST", path, { key, raw })).toMatchObject({
      status: 400,
      body: { code: "malformed_json", errors: [{ pointer, detail: "must be given once" }] },
    });
    expect((await fundsOf(sql, source.id)).balance).toBe(500n);
    const right = raw.replace(',"amount":"2"', "");
    expect((await ledger.send("POST", path, { key, raw: right })).status).toBeLessThan(300);
  },
);
