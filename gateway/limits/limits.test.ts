import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import fc from "../../tests/harness/fast-check.ts";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connectRedis } from "../../platform/cache/redis.ts";
import type { RedisConnection } from "../../platform/cache/redis.ts";
import { startRedis } from "../../tests/harness/servers.ts";
import type { Server } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { INTERNAL_KEY, problemOf, startGateway, startUpstream, tokenOf } from "../gateway.fixture.ts";
import { clientAddress } from "./client-address.ts";
import { createLimiter } from "./limiter.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";
import type { Quota } from "./token-bucket.ts";

let server: Server;
// A busy machine may take longer than the usual timeout, and each gateway would limit by itself.
let patient: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  patient = await connected(5_000);
});
afterAll(async () => {
  patient.stop();
  await server[Symbol.asyncDispose]();
});

const connected = async (timeoutMs?: number): Promise<RedisConnection> => {
  const redis = connectRedis(server.url, pino({ level: "silent" }), timeoutMs);
  await answering(redis);
  return redis;
};
const answering = (redis: RedisConnection) =>
  until(async () => (await redis.attempt((client) => client.ping())) === "PONG");
const limiterOf = (quota: Quota, redis = patient) =>
  createLimiter({ name: "test", quota, redis, metrics: createGatewayMetrics(new Registry()) });
const keptFor = (caller: string, field: string) =>
  patient.attempt((client) => client.hget(`rate-limit:test:${caller}`, field));
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
  const [one, other] = [limiterOf(quota), limiterOf(quota)];
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
  expect(Number(await keptFor(caller, "tokens"))).toBe(90);
  await takeMany(limiter, caller, 1);
  // Ten less, and what came back in the seconds that a busy machine may take.
  expect(Number(await keptFor(caller, "tokens"))).toBeLessThan(90);
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
  await until(async () => (await limiter.take(caller)).allowed);
});

test("without Redis each gateway limits by itself, killed or gone silent, and shares again once it is back", async () => {
  const redis = await connected();
  onTestFinished(redis.stop);
  let commands = 0;
  const counting: RedisConnection = {
    ...redis,
    attempt: (command) => {
      commands++;
      return redis.attempt(command);
    },
  };
  const limiter = limiterOf({ perSecond: 1, burst: 20 }, counting);
  await server.kill("SIGSTOP");
  expect(await takeMany(limiter, randomUUID(), 30)).toBeLessThanOrEqual(22);
  // All wait for one command, whatever the number of requests.
  expect(commands).toBe(1);
  await server.kill("SIGCONT");
  await answering(redis);

  await server.kill();
  expect(await takeMany(limiter, randomUUID(), 30)).toBeLessThanOrEqual(22);
  await server.restart();
  await Promise.all([answering(redis), answering(patient)]);
  await until(async () => {
    const another = randomUUID();
    await takeMany(limiter, another, 1);
    return typeof (await keptFor(another, "tokens")) === "string";
  });
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
