import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connectRedis } from "../../platform/cache/redis.ts";
import type { RedisConnection } from "../../platform/cache/redis.ts";
import { startRedis } from "../../tests/harness/servers.ts";
import type { Server } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { INTERNAL_KEY, problemOf, startGateway, startUpstream, tokenOf } from "../test-gateway.ts";
import { clientAddress } from "./client-address.ts";
import { createLimiter } from "./limiter.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";
import type { Quota } from "./token-bucket.ts";

let server: Server;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, pino({ level: "silent" }));
  await answering();
});
afterAll(async () => {
  redis.stop();
  await server[Symbol.asyncDispose]();
});

const answering = () => until(async () => (await redis.attempt((client) => client.ping())) === "PONG");
const limiterOf = (quota: Quota, connection = redis) =>
  createLimiter({ name: "test", quota, redis: connection, metrics: createGatewayMetrics(new Registry()) });
const takeMany = async (limiter: ReturnType<typeof limiterOf>, caller: string, count: number) => {
  const verdicts = await Promise.all(Array.from({ length: count }, async () => limiter.take(caller)));
  return verdicts.filter(({ allowed }) => allowed).length;
};

test("a bucket lets through the burst at once and the rate after it, never more", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 }),
      (perSecond, burst, pauses) => {
        const quota = { perSecond, burst };
        const bucket = fullBucket(quota, 0);
        let now = 0;
        let allowed = 0;
        for (const pause of pauses) {
          now += pause;
          const verdict = takeToken(bucket, quota, now);
          if (verdict.allowed) allowed++;
          else expect(takeToken({ ...bucket }, quota, now + verdict.retryAfterMs).allowed).toBe(true);
          expect(allowed).toBeLessThanOrEqual(burst + (now * perSecond) / 1_000 + 1e-6);
        }
      },
    ),
  );
});

test("gateways share one bucket a caller, and callers share none", async () => {
  const quota = { perSecond: 1, burst: 50 };
  // A busy machine may take longer than the usual timeout, and each gateway would limit by itself.
  const patient = connectRedis(server.url, pino({ level: "silent" }), 5_000);
  onTestFinished(patient.stop);
  await until(async () => (await patient.attempt((client) => client.ping())) === "PONG");
  const [one, other] = [limiterOf(quota, patient), limiterOf(quota, patient)];
  const [caller, neighbour] = [randomUUID(), randomUUID()];
  const allowed = await Promise.all([takeMany(one, caller, 60), takeMany(other, caller, 60)]);
  expect(allowed[0] + allowed[1]).toBeGreaterThanOrEqual(50);
  // A second or two may pass on a busy machine.
  expect(allowed[0] + allowed[1]).toBeLessThanOrEqual(53);
  expect(await takeMany(one, neighbour, 10)).toBe(10);
});

test("tokens are leased in chunks, not asked for one by one", async () => {
  const limiter = limiterOf({ perSecond: 1, burst: 100 });
  const caller = randomUUID();
  await takeMany(limiter, caller, 10);
  const tokens = await redis.attempt((client) => client.hget(`rate-limit:test:${caller}`, "tokens"));
  expect(Number(tokens)).toBeCloseTo(90, 0);
  await takeMany(limiter, caller, 1);
  const after = await redis.attempt((client) => client.hget(`rate-limit:test:${caller}`, "tokens"));
  expect(Number(after)).toBeLessThan(83);
});

test("whoever is refused is let in again when the time told is over", async () => {
  const limiter = limiterOf({ perSecond: 20, burst: 5 });
  const caller = randomUUID();
  expect(await takeMany(limiter, caller, 40)).toBeLessThan(40);
  const refused = await until(async () => {
    const verdict = await limiter.take(caller);
    return verdict.allowed ? undefined : verdict;
  });
  expect(refused.retryAfterMs).toBeLessThanOrEqual(60);
  await until(async () => (await limiter.take(caller)).allowed, { within: 2_000 });
});

test("without Redis each gateway limits by itself, killed or gone silent, and shares again once it is back", async () => {
  const quota = { perSecond: 1, burst: 20 };
  await server.kill("SIGSTOP");
  const limiter = limiterOf(quota);
  const caller = randomUUID();
  const begun = performance.now();
  expect(await takeMany(limiter, caller, 30)).toBeLessThanOrEqual(22);
  // One command's timeout, whatever the number of requests, on a machine that may be busy.
  expect(performance.now() - begun).toBeLessThan(500);
  await server.kill("SIGCONT");
  await answering();

  await server.kill();
  const other = randomUUID();
  expect(await takeMany(limiter, other, 30)).toBeLessThanOrEqual(22);
  await server.restart();
  await answering();
  const third = randomUUID();
  await takeMany(limiter, third, 1);
  expect(await redis.attempt((client) => client.exists(`rate-limit:test:${third}`))).toBe(1);
});

test("over the quota is 429 with Retry-After and RateLimit; the internal key has none", async () => {
  await using upstream = await startUpstream();
  await using gateway = await startGateway([upstream.url], {
    REDIS_URL: server.url,
    RATE_LIMIT_PER_SECOND: "1",
    RATE_LIMIT_BURST: "3",
  });
  const send = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/v1/emotions/stream`, { method: "POST", headers, body: "{}" });
  const user = { authorization: `Bearer ${await tokenOf(randomUUID())}` };
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(user)));
  const refused = answers.find(({ status }) => status === 429)!;
  expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(3);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    "retry-after": "1",
    "ratelimit-policy": '"default";q=3;w=3',
    ratelimit: '"default";r=0;t=1',
  });
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: "rate_limited" });
  const trusted = await Promise.all(
    Array.from({ length: 8 }, () => send({ "x-internal-key": INTERNAL_KEY })),
  );
  expect(trusted.every(({ status }) => status === 202)).toBe(true);
});

test("logging in is limited by address, as the balancer tells it", async () => {
  await using upstream = await startUpstream();
  await using gateway = await startGateway([upstream.url], {
    REDIS_URL: server.url,
    AUTH_RATE_LIMIT_PER_SECOND: "1",
    AUTH_RATE_LIMIT_BURST: "2",
  });
  const logIn = async (address: string) =>
    (
      await fetch(`${gateway.url}/v1/auth/login`, {
        method: "POST",
        headers: { "x-real-ip": address },
        body: "{}",
      })
    ).status;
  const [guesser, neighbour] = ["198.51.100.1", "198.51.100.2"];
  const answers = await Promise.all(Array.from({ length: 8 }, () => logIn(guesser)));
  expect(answers).toContain(429);
  expect(await logIn(neighbour)).toBe(202);
});

test("an address that a stranger claims is not believed; an IPv6 client counts by its /64", () => {
  const from = (remoteAddress: string, told?: string) =>
    clientAddress({
      socket: { remoteAddress },
      headers: told ? { "x-real-ip": told } : {},
    } as unknown as IncomingMessage);
  expect(from("203.0.113.9", "1.2.3.4")).toBe("203.0.113.9");
  expect(from("127.0.0.1", "1.2.3.4")).toBe("1.2.3.4");
  expect(from("::ffff:10.1.2.3", "1.2.3.4")).toBe("1.2.3.4");
  expect(from("127.0.0.1", "2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(from("::1", "2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(from("::ffff:203.0.113.9")).toBe("203.0.113.9");
});
