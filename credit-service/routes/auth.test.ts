import { Redis } from "ioredis";
import { jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type CreditReplica, TEST_JWT_SECRET, startCredit } from "../../tests/harness/credit-service.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startRedis } from "../../tests/harness/servers.ts";
import { guessesKey } from "../actions/guard-guesses.ts";
import { createPasswords, type Passwords } from "../passwords/passwords.ts";

let database: FreshDatabase;
let redis: Server;
let replica: CreditReplica;
let passwords: Passwords;
let count = 0;

beforeAll(async () => {
  [database, redis, passwords] = await Promise.all([freshDatabase(), startRedis(), createPasswords()]);
  replica = await startCredit({
    sql: database.sql,
    redisUrl: redis.url,
    modelUrls: ["http://127.0.0.1:9"],
    passwords,
  });
});
afterAll(async () => {
  for (const started of [replica, redis, database]) await started?.[Symbol.asyncDispose]();
});

const fresh = () => ({ email: `ada${(count += 1)}@example.com`, password: "correct-horse-battery" });
const latin1 = (body: object) => Buffer.from(JSON.stringify(body), "latin1");
const register = (body: unknown) => replica.send("POST", "/v1/auth/register", { body });
const login = (body: unknown) => replica.send("POST", "/v1/auth/login", { body });

describe("registering", () => {
  test("makes a user whose password is stored as argon2id with OWASP's parameters", async () => {
    const account = fresh();
    const { status, body } = await register(account);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      email: account.email,
      created_at: expect.any(String) as string,
      updated_at: expect.any(String) as string,
    });
    const [row] = await database.sql`select password_hash, role from users where id = ${body.id}`;
    expect(row?.["password_hash"]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(row?.["role"]).toBe("user");
  });

  test("an email is taken in any spelling", async () => {
    const { email, password } = fresh();
    await register({ email, password });
    const { status, body } = await register({ email: ` ${email.toUpperCase()} `, password });
    expect([status, body.code]).toEqual([409, "email_taken"]);
  });

  test("of ten at once with one email one wins", async () => {
    const account = fresh();
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(account)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === "email_taken")).toHaveLength(9);
  });

  test.each([
    ["a malformed email", { email: "ada", password: "correct-horse" }, "/email"],
    ["a weak password", { email: "ada@example.com", password: "short" }, "/password"],
    ["a missing password", { email: "ada@example.com" }, "/password"],
  ])("%s is 422, by name", async (_, body, pointer) => {
    const answer = await register(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer }]);
  });

  test.each([
    ["not JSON", { raw: "{" }, 400],
    ["not UTF-8", { raw: latin1({ email: "ada@example.com", password: "correct-horse-\u00ff" }) }, 400],
    ["another content type", { raw: "a=b", headers: { "content-type": "text/plain" } }, 415],
    ["an oversized body", { raw: JSON.stringify({ email: "x".repeat(20_000) }) }, 413],
  ])("%s is refused", async (_, options, expected) => {
    expect((await replica.send("POST", "/v1/auth/register", options)).status).toBe(expected);
  });
});

describe("logging in", () => {
  test("brings a token with subject, role and an hour to live", async () => {
    const account = fresh();
    const { body: user } = await register(account);
    const { status, body } = await login({ ...account, email: account.email.toUpperCase() });
    expect(status).toBe(200);
    expect(body.token_type).toBe("bearer");
    const { payload } = await jwtVerify(body.access_token, new TextEncoder().encode(TEST_JWT_SECRET), {
      issuer: "ecs",
      audience: "ecs",
      algorithms: ["HS256"],
    });
    expect(payload).toMatchObject({ sub: user.id, role: "user" });
    expect(payload.exp! - payload.iat!).toBe(3_600);
  });

  test("a wrong password and an unknown email get the same answer", async () => {
    const account = fresh();
    await register(account);
    const wrong = await login({ ...account, password: "incorrect-horse" });
    const unknown = await login(fresh());
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect({ ...wrong.body, requestId: "" }).toEqual({ ...unknown.body, requestId: "" });
  });

  test("is 429 once an email had a hundred wrong ones, in any spelling, also with the right password", async () => {
    const account = fresh();
    await register(account);
    await login({ ...account, password: "incorrect-horse" });
    const guesses = new Redis(redis.url);
    try {
      const key = guessesKey(account.email);
      expect([await guesses.get(key), (await guesses.ttl(key)) > 800]).toEqual(["1", true]);
      await guesses.set(key, 100, "KEEPTTL");
      const refused = await login({ ...account, email: account.email.toUpperCase() });
      expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(800);
      // The last that is allowed, being right, clears what was counted.
      await guesses.set(key, 99, "KEEPTTL");
      expect((await login(account)).status).toBe(200);
      expect(await guesses.get(key)).toBe(null);
    } finally {
      guesses.disconnect();
    }
  });

  test("an email with a character that the database cannot hold is 422", async () => {
    const { status, body } = await login({
      email: "ada\u0000@example.com",
      password: "correct-horse-battery",
    });
    expect([status, body.errors]).toEqual([
      422,
      [{ pointer: "/email", detail: expect.any(String) as string }],
    ]);
  });

  test("an unknown email costs a verification like a known one", async () => {
    const matches = vi.spyOn(passwords, "matches");
    await login(fresh());
    expect(matches).toHaveBeenCalledExactlyOnceWith(undefined, "correct-horse-battery");
    matches.mockRestore();
  });
});
