import { randomUUID } from "node:crypto";
import { request } from "undici";
import { expect, test } from "vitest";
import {
  GATEWAY_KEY,
  INTERNAL_KEY,
  nothingRevoked,
  problemOf,
  startGateway,
  startUpstream,
  tokenOf,
} from "../gateway.fixture.ts";

const setUp = async () => {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await startUpstream());
  const gateway = stack.use(await startGateway([upstream.url]));
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(gateway.url + path, { method, headers, ...(body !== undefined && { body }) });
  return { upstream, gateway, send, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("a request without credentials is 401 and names the scheme", async () => {
  await using it = await setUp();
  const answer = await it.send("POST", "/v1/transactions", {}, "{}");
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
  expect(await problemOf(answer)).toMatchObject({ status: 401, code: "unauthenticated" });
  expect(it.upstream.seen).toEqual([]);
});

test.each([
  ["another secret", { secret: "another-secret-that-is-long-enough-00000" }],
  ["another issuer", { issuer: "elsewhere" }],
  ["another audience", { audience: "elsewhere" }],
  ["an unknown role", { role: "root" }],
  ["an expiry that is over", { expires: "-1s" }],
  ["another algorithm", { algorithm: "HS512" }],
])("a token with %s is refused", async (_what, difference) => {
  await using it = await setUp();
  const token = await tokenOf(randomUUID(), difference);
  const answer = await it.send("POST", "/v1/transactions", bearer(token), "{}");
  expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await problemOf(answer)).toMatchObject({ status: 401, code: "invalid_token" });
  expect(it.upstream.seen).toEqual([]);
});

test("a token without a signature, or that is none at all, is refused", async () => {
  await using it = await setUp();
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: randomUUID(), role: "user", iss: "ecs", aud: "ecs", exp: Date.now() / 1_000 + 60 };
  const good = await tokenOf(randomUUID());
  const [header, payload, signature] = good.split(".");
  const altered = [
    `${encode({ alg: "none" })}.${encode(claims)}.`,
    `${encode({ alg: "none" })}.${payload}.${signature}`,
    `${header}.${encode(claims)}.${signature}`,
    `${header}.${payload}`,
    `${good}.${signature}`,
    good.slice(0, -1),
    "abc",
    "a".repeat(6_000),
  ];
  for (const token of altered)
    expect((await it.send("POST", "/v1/transactions", bearer(token), "{}")).status).toBe(401);
  expect((await it.send("POST", "/v1/transactions", bearer(good), "{}")).status).toBe(202);
});

test("a token that was good stops being so the moment it expires", async () => {
  const { createAccessTokens } = await import("./access-tokens.ts");
  const { JWT_SECRET } = await import("../gateway.fixture.ts");
  let now = Date.now();
  const tokens = createAccessTokens(JWT_SECRET, nothingRevoked(), () => now);
  const token = await tokenOf("somebody", { expires: "60s" });
  for (let turn = 0; turn < 2; turn++)
    expect(tokens.verify(token).caller).toEqual({ kind: "user", id: "somebody" });
  now += 61_000;
  for (let turn = 0; turn < 2; turn++) expect(() => tokens.verify(token)).toThrow("expired");
});

test("the internal key opens telemetry of emotions; a wrong one is 401 even beside a good token", async () => {
  await using it = await setUp();
  const token = await tokenOf(randomUUID());
  const path = "/v1/emotions/stream";
  expect((await it.send("POST", path, { "x-internal-key": INTERNAL_KEY }, "{}")).status).toBe(202);
  expect(it.upstream.seen[0]?.headers["x-caller-kind"]).toBe("internal");
  expect((await it.send("POST", path, bearer(token), "{}")).status).toBe(202);
  const wrong = await it.send("POST", path, { ...bearer(token), "x-internal-key": "wrong" }, "{}");
  expect(await problemOf(wrong)).toMatchObject({ status: 401, code: "invalid_internal_key" });
});

test("the internal key opens nothing else", async () => {
  await using it = await setUp();
  const key = { "x-internal-key": INTERNAL_KEY };
  expect((await it.send("POST", "/v1/transactions", key, "{}")).status).toBe(401);
  expect((await it.send("GET", `/v1/users/${randomUUID()}/offers`, key)).status).toBe(401);
});

test("a path that belongs to a user is for that user; operators read it and do nothing in it", async () => {
  await using it = await setUp();
  const owner = randomUUID();
  const own = bearer(await tokenOf(owner));
  const stranger = bearer(await tokenOf(randomUUID()));
  const operator = bearer(await tokenOf(randomUUID(), { role: "operator" }));
  const status = async (method: string, path: string, who: Record<string, string>) =>
    (await it.send(method, path, who)).status;
  const [offers, analysis] = [`/v1/users/${owner}/offers`, `/v1/users/${owner}/credit-analysis`];

  expect([await status("GET", offers, own), await status("POST", analysis, own)]).toEqual([202, 202]);
  expect([await status("GET", offers, stranger), await status("POST", analysis, stranger)]).toEqual([
    403, 403,
  ]);
  expect([await status("GET", offers, operator), await status("POST", analysis, operator)]).toEqual([
    202, 403,
  ]);
  expect(
    await status(
      "GET",
      offers.toUpperCase().replace("/V1/USERS/", "/v1/users/").replace("/OFFERS", "/offers"),
      own,
    ),
  ).toBe(202);
  expect(it.upstream.seen).toHaveLength(4);
});

test("an operators' route takes an operator's token, new or known, and no other credential", async () => {
  await using it = await setUp();
  const [person, operator] = await Promise.all([
    tokenOf(randomUUID()),
    tokenOf("operator-1", { role: "operator" }),
  ]);
  for (let turn = 0; turn < 2; turn++) {
    const refused = await it.send("GET", "/v1/dead-letters", bearer(person));
    expect(await problemOf(refused)).toMatchObject({ status: 403, code: "forbidden" });
    expect((await it.send("GET", "/v1/dead-letters", bearer(operator))).status).toBe(202);
  }
  const key = { "x-internal-key": INTERNAL_KEY };
  expect((await it.send("GET", "/v1/dead-letters", key)).status).toBe(401);
  expect(it.upstream.seen).toHaveLength(2);
  expect(it.upstream.seen[0]!.headers).toMatchObject({
    "x-caller-kind": "operator",
    "x-caller-id": "operator-1",
  });
});

test("a partner's key goes on where it is taken, beside nobody's identity even beside a token, and nowhere else", async () => {
  await using it = await setUp();
  const token = bearer(await tokenOf(randomUUID()));
  const key = { "x-api-key": "ecs_pk_of-a-partner" };
  const seen = () => it.upstream.seen.at(-1)!.headers;
  for (const [path, headers] of [
    ["/authorize", key],
    ["/v1/authorizations", { ...key, ...token }],
  ] as const) {
    expect((await it.send("POST", path, headers, "{}")).status).toBe(202);
    expect(seen()).toMatchObject({ "x-caller-kind": "anonymous", "x-api-key": key["x-api-key"] });
    expect(seen()["authorization"]).toBeUndefined();
  }
  await it.send("POST", "/v1/transfers", { ...key, ...token }, "{}");
  expect(seen()).toMatchObject({ "x-caller-kind": "user" });
  expect(seen()["x-api-key"]).toBeUndefined();
  const count = it.upstream.seen.length;
  expect((await it.send("POST", "/authorize", token, "{}")).status).toBe(401);
  expect((await it.send("POST", "/v1/authorizations", {}, "{}")).status).toBe(401);
  expect((await it.send("POST", "/v1/transfers", key, "{}")).status).toBe(401);
  expect(it.upstream.seen).toHaveLength(count);
});

test("identity that a client claims never reaches a service, nor do its credentials", async () => {
  await using it = await setUp();
  const user = randomUUID();
  await request(`${it.gateway.url}/v1/transactions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await tokenOf(user)}`,
      "X-Caller-Id": "someone-else",
      "x-caller-kind": "internal",
      "X-GATEWAY-KEY": "guess",
      "x-internal-key": "guess",
      cookie: "session=1",
      "x-forwarded-for": "1.2.3.4",
      "content-type": "application/json",
      "idempotency-key": "kept",
    },
    body: "{}",
  });
  const { headers } = it.upstream.seen[0]!;
  expect(headers).toMatchObject({
    "x-gateway-key": GATEWAY_KEY,
    "x-caller-kind": "user",
    "x-caller-id": user,
    "content-type": "application/json",
    "idempotency-key": "kept",
  });
  for (const name of ["authorization", "cookie", "x-internal-key", "x-forwarded-for"]) {
    expect(headers).not.toHaveProperty(name);
  }
});

test("a nameless caller has no id, whatever it claims", async () => {
  await using it = await setUp();
  await it.send("POST", "/v1/auth/login", { "x-caller-id": "x", "x-caller-kind": "operator" }, "{}");
  expect(it.upstream.seen[0]?.headers["x-caller-kind"]).toBe("anonymous");
  expect(it.upstream.seen[0]?.headers).not.toHaveProperty("x-caller-id");
});
