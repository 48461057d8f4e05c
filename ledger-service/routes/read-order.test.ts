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
