import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { allPages } from "../../tests/harness/all-pages.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { ALL_SCOPES, ANONYMOUS, usePartners } from "../../tests/harness/use-partners.ts";

const used = await useLedger();
const { sql, ledger } = used;
const { newKey, withKey, authorize, setUp } = usePartners(used);

test("a key is shown once and stored hashed", async () => {
  const { partnerId, key, keyId } = await setUp();
  const { body } = await ledger.send("GET", `/v1/partners/${partnerId}/keys`);
  expect(body.items).toMatchObject([
    { id: keyId, prefix: key.slice(0, 15), scopes: ALL_SCOPES, revokedAt: null },
  ]);
  expect(JSON.stringify(body)).not.toContain(key);
  const stored = await sql`
    select k.*, (select count(*)::int from idempotency_keys where response_body like ${`%${key}%`}) as leaked
    from ledger_partner_keys k where id = ${keyId}::uuid`;
  expect(JSON.stringify(stored)).not.toContain(key);
  expect(stored[0]!["leaked"]).toBe(0);
});

test("a key opens what its scopes say, and no more", async () => {
  const { partnerId, user } = await setUp();
  const [reader, writer] = [
    await newKey(partnerId, ["authorizations:read"]),
    await newKey(partnerId, ["authorizations:write"]),
  ];
  const body = { transaction_id: randomUUID(), user_id: user, amount: 1 };
  expect((await authorize(reader.key, body)).status).toBe(403);
  const made = await authorize(writer.key, body);
  expect(made.status).toBe(200);
  const path = `/v1/authorizations/${made.body.authorization_id}`;
  expect((await withKey(writer.key, "GET", path)).status).toBe(403);
  expect((await withKey(reader.key, "GET", path)).status).toBe(200);
  expect((await withKey(reader.key, "HEAD", path)).status).toBe(200);
  expect((await withKey(writer.key, "HEAD", path)).status).toBe(403);
});

test("a rotated key works beside its successor until its grace is over, and is rotated once", async () => {
  const { partnerId, keyId, key, user } = await setUp();
  const rotate = (graceSeconds: number, id = keyId) =>
    ledger.send("POST", `/v1/partners/${partnerId}/keys/${id}/rotate`, { body: { graceSeconds } });
  const rotations = await Promise.all([rotate(3_600), rotate(3_600)]);
  expect(rotations.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  const next = rotations.find(({ status }) => status === 201)!.body as { id: string; key: string };
  for (const text of [key, next.key])
    expect((await authorize(text, { transaction_id: randomUUID(), user_id: user, amount: 1 })).status).toBe(
      200,
    );
  expect((await rotate(0, next.id)).status).toBe(201);
  await until(
    async () => (await withKey(next.key, "GET", `/v1/authorizations/${randomUUID()}`)).status === 401,
  );
});

test("a revoked key, one of a suspended partner and one made up open nothing", async () => {
  const { partnerId, keyId, key } = await setUp();
  const probe = async (text: string) =>
    (await withKey(text, "GET", `/v1/authorizations/${randomUUID()}`)).status;
  expect(await probe(key)).toBe(404);
  await ledger.send("PATCH", `/v1/partners/${partnerId}`, { body: { status: "suspended" } });
  await until(async () => (await probe(key)) === 401);
  await ledger.send("PATCH", `/v1/partners/${partnerId}`, { body: { status: "active" } });
  expect(await probe(key)).toBe(404);
  const revoked = await ledger.send("POST", `/v1/partners/${partnerId}/keys/${keyId}/revoke`);
  expect(revoked.body.revokedAt).not.toBeNull();
  await until(async () => (await probe(key)) === 401);
  expect((await ledger.send("POST", `/v1/partners/${partnerId}/keys/${keyId}/revoke`)).body).toEqual(
    revoked.body,
  );
  for (const text of ["", "x", `ecs_pk_${"A".repeat(43)}`]) expect(await probe(text)).toBe(401);
  expect((await authorize("x", {})).body.code).toBe("invalid_api_key");
  expect((await ledger.send("POST", "/authorize", { caller: ANONYMOUS, body: {} })).status).toBe(401);
});

test("a partner's keys are listed page by page, newest id first, and nobody else's among them", async () => {
  const { partnerId, keyId } = await setUp();
  const made = [keyId];
  for (let n = 0; n < 4; n++) {
    made.push((await newKey(partnerId)).id);
    await setUp();
  }
  const { items, pages } = await allPages(ledger, `/v1/partners/${partnerId}/keys`, 2);
  expect([items, pages]).toEqual([made.toSorted().toReversed(), 3]);
});
