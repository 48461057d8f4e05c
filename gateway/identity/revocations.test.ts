import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import type { TokenRevocations } from "../../contracts/token-revocations.ts";
import { createHealth } from "../../platform/http/health.ts";
import { until } from "../../tests/harness/until.ts";
import { createGatewayMetrics } from "../metrics.ts";
import {
  GATEWAY_KEY,
  INTERNAL_KEY,
  JWT_SECRET,
  problemOf,
  startGateway,
  startUpstream,
} from "../gateway.fixture.ts";
import { connectUpstream } from "../upstreams/upstream.ts";
import { followRevocations } from "./follow-revocations.ts";
import { createRevocations } from "./revocations.ts";

const tokenOf = (id: string, claims: { jti?: string; gen?: number } = {}): Promise<string> =>
  new SignJWT({ role: "user", ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(id)
    .setIssuer("ecs")
    .setAudience("ecs")
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(JWT_SECRET));
const soon = () => Date.now() + 60_000;

/** A gateway, and what its credit-service says was revoked, in a list that the test fills. */
const setUp = async () => {
  const stack = new AsyncDisposableStack();
  const service = stack.use(await startUpstream());
  const revocations = createRevocations();
  const gateway = stack.use(await startGateway([service.url], {}, revocations));
  const send = async (token: string, path = "/v1/transactions") => {
    const headers = { authorization: `Bearer ${token}` };
    return fetch(gateway.url + path, { method: "POST", headers, body: "{}" });
  };
  const note = (...ended: TokenRevocations["revocations"]) =>
    revocations.note({ revocations: ended, next: "1" });
  return { service, gateway, revocations, send, note, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

test("before it is known what was revoked no token passes, and the internal key does", async () => {
  await using it = await setUp();
  const token = await tokenOf(randomUUID());
  const refused = await it.send(token);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await problemOf(refused)).toMatchObject({ status: 503, code: "service_unavailable" });
  const headers = { "x-internal-key": INTERNAL_KEY };
  const trusted = await fetch(`${it.gateway.url}/v1/emotions/stream`, {
    method: "POST",
    headers,
    body: "{}",
  });
  expect(trusted.status).toBe(202);
  it.note();
  expect((await it.send(token)).status).toBe(202);
});

test("a revoked token is 401 though it was good a moment ago, and another one of the same person is not", async () => {
  await using it = await setUp();
  it.note();
  const person = randomUUID();
  const [one, other] = [await tokenOf(person, { jti: "one" }), await tokenOf(person, { jti: "other" })];
  expect([(await it.send(one)).status, (await it.send(other)).status]).toEqual([202, 202]);
  it.note({ tokenId: "one", expiresAt: soon() });
  const refused = await it.send(one);
  expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await problemOf(refused)).toMatchObject({ status: 401, code: "invalid_token" });
  expect((await it.send(other)).status).toBe(202);
});

test("a raised generation ends every lower one of that person, and tokens without any, in whatever order it is told", async () => {
  await using it = await setUp();
  const [person, neighbour] = [randomUUID(), randomUUID()];
  it.note(
    { userId: person, generation: 2, expiresAt: soon() },
    { userId: person, generation: 1, expiresAt: soon() },
  );
  const status = async (id: string, gen?: number) =>
    (await it.send(await tokenOf(id, gen === undefined ? {} : { gen }))).status;
  expect([await status(person), await status(person, 1)]).toEqual([401, 401]);
  expect([await status(person, 2), await status(neighbour)]).toEqual([202, 202]);
});

test("logging out tells the service which token it was, one from before they had ids too, and no client can say it", async () => {
  await using it = await setUp();
  it.note();
  const old = await tokenOf(randomUUID());
  for (const token of [await tokenOf(randomUUID(), { jti: "mine" }), old])
    await it.send(token, "/v1/auth/logout");
  const told = it.service.seen.map(({ headers }) => headers["x-caller-token-id"]);
  expect(told).toEqual(["mine", expect.stringMatching(/^[\w-]{43}$/)]);
  expect(Number(it.service.seen[0]!.headers["x-caller-token-expires"])).toBeGreaterThan(Date.now());
  it.note({ tokenId: String(told[1]), expiresAt: soon() });
  expect((await it.send(old)).status).toBe(401);

  const headers = { "x-internal-key": INTERNAL_KEY, "x-caller-token-id": "somebody's" };
  await fetch(`${it.gateway.url}/v1/emotions/stream`, { method: "POST", headers, body: "{}" });
  expect(it.service.seen.at(-1)!.headers).not.toHaveProperty("x-caller-token-id");
});

test("what has expired is forgotten", () => {
  let now = 1_000;
  const revocations = createRevocations(() => now);
  revocations.note({ revocations: [{ tokenId: "short", expiresAt: 2_000 }], next: "1" });
  revocations.note({ revocations: [{ userId: "a", generation: 1, expiresAt: 900_000 }], next: "1" });
  expect(revocations.count()).toBe(2);
  now = 100_000;
  revocations.note({ revocations: [], next: "1" });
  expect(revocations.count()).toBe(1);
});

test("it is asked from where the last answer ended, and what is known outlives whoever told it", async () => {
  const positions: (string | null)[] = [];
  let broken = true;
  const service = await startUpstream((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? "", "http://service");
    const admitted = request.headers["x-gateway-key"] === GATEWAY_KEY && pathname.startsWith("/internal/");
    if (broken || !admitted) {
      response.writeHead(503).end();
      return;
    }
    positions.push(searchParams.get("since"));
    const revocations = positions.length === 1 ? [{ tokenId: "gone", expiresAt: soon() }] : [];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ revocations, next: String(40 + positions.length) }));
  });
  const upstream = await connectUpstream({
    name: "credit-service",
    urls: [service.url],
    resolveEveryMs: 60_000,
  });
  const revocations = createRevocations();
  const [registry, health] = [new Registry(), createHealth()];
  const deps = {
    config: { GATEWAY_KEY },
    upstreams: { "credit-service": upstream },
    logger: pino({ level: "silent" }),
    metrics: registry,
    revocations,
    health,
  };
  const follower = followRevocations(deps, createGatewayMetrics(registry), 5);
  onTestFinished(async () => {
    await follower.stop();
    await upstream.close();
    await service[Symbol.asyncDispose]();
  });
  expect((await health.readiness()).ready).toBe(false);
  broken = false;
  await until(() => positions.length >= 3);
  expect(positions.slice(0, 3)).toEqual(["0", "41", "42"]);
  expect((await health.readiness()).ready).toBe(true);

  broken = true;
  const gone = {
    tokenId: "gone",
    caller: { kind: "user", id: "a" },
    generation: 0,
    expiresAt: soon(),
  } as const;
  expect(() => revocations.check(gone)).toThrow("revoked");
  expect(() => revocations.check({ ...gone, tokenId: "here" })).not.toThrow();
  await until(
    async () =>
      Number((await registry.getSingleMetric("gateway_revocations_behind_seconds")!.get()).values[0]?.value) >
      0.05,
  );
  expect((await health.readiness()).ready).toBe(true);
});

test("of what comes in several pages no token passes before the last, and the first one's position holds", async () => {
  const [FIRST, SECOND] = [`7.${randomUUID()}`, `8.${randomUUID()}`];
  const asked: string[] = [];
  let last = false;
  const service = await startUpstream((request, response) => {
    const { searchParams: query } = new URL(request.url ?? "", "http://service");
    const at = `${query.get("since")} ${query.get("after") ?? "first"}`;
    asked.push(at);
    if (at === `0 ${SECOND}` && !last) {
      response.writeHead(503).end();
      return;
    }
    const pages: Record<string, Partial<TokenRevocations>> = {
      "0 first": { after: FIRST, next: "40" },
      [`0 ${FIRST}`]: { after: SECOND, next: "50" },
      [`0 ${SECOND}`]: { revocations: [{ tokenId: "gone", expiresAt: soon() }], next: "60" },
    };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ revocations: [], next: "70", ...pages[at] }));
  });
  const upstream = await connectUpstream({
    name: "credit-service",
    urls: [service.url],
    resolveEveryMs: 60_000,
  });
  const revocations = createRevocations();
  const [metrics, health, logger] = [new Registry(), createHealth(), pino({ level: "silent" })];
  const upstreams = { "credit-service": upstream };
  const deps = { config: { GATEWAY_KEY }, upstreams, logger, metrics, revocations, health };
  const follower = followRevocations(deps, createGatewayMetrics(metrics), 5);
  onTestFinished(async () => {
    await follower.stop();
    await upstream.close();
    await service[Symbol.asyncDispose]();
  });
  const caller = { kind: "user", id: "a" } as const;
  const gone = { tokenId: "gone", caller, generation: 0, expiresAt: soon() };
  await until(() => asked.includes(`0 ${SECOND}`));
  expect(() => revocations.check(gone)).toThrow("does not know yet");
  last = true;
  await until(() => asked.includes("40 first"));
  expect(() => revocations.check(gone)).toThrow("revoked");
});
