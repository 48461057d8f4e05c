import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { startCredit } from "../tests/harness/credit-service.ts";
import { startFakeModel } from "../tests/harness/fake-model.ts";
import { feel, makePerson, spend } from "../tests/harness/people.ts";
import { freshDatabase } from "../tests/harness/database.ts";
import { startRedis } from "../tests/harness/servers.ts";
import { until } from "../tests/harness/until.ts";

const setUp = async (
  options: {
    breakerResetMs?: number;
    modelTimeoutMs?: number;
    modelUrls?: string[];
    redisTimeoutMs?: number;
  } = {},
) => {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase());
  const redis = stack.use(await startRedis());
  const model = stack.use(await startFakeModel());
  const modelUrls = [...(options.modelUrls ?? []), model.url];
  const credit = stack.use(
    await startCredit({ sql: database.sql, redisUrl: redis.url, ...options, modelUrls }),
  );
  const newcomer = async () => {
    const person = await makePerson(database.sql);
    await feel(database.sql, person);
    await spend(database.sql, person);
    return person;
  };
  const analyse = async (person?: Awaited<ReturnType<typeof newcomer>>) => {
    const { id, caller } = person ?? (await newcomer());
    return credit.send("POST", `/v1/users/${id}/credit-analysis`, { caller });
  };
  const untilRemembered = (person: Awaited<ReturnType<typeof newcomer>>) =>
    until(
      async () => {
        await analyse(person);
        return /cache_lookups_total\{outcome="hit"\} [1-9]/.test(await credit.metrics.metrics());
      },
      { what: "a hit in the cache" },
    );
  return {
    database,
    redis,
    model,
    credit,
    newcomer,
    analyse,
    untilRemembered,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

describe("Redis", () => {
  test.each(["SIGKILL", "SIGSTOP"] as const)(
    "after %s the flow works, the cool-off holds, and it is used again when back",
    async (signal) => {
      await using system = await setUp({ redisTimeoutMs: 40 });
      await system.redis.kill(signal);
      const person = await system.newcomer();
      const first = await system.analyse(person);
      expect(first.body).toMatchObject({ approved: true });
      expect((await system.analyse(person)).body).toEqual(first.body);
      expect(system.model.asked).toHaveLength(1);
      await system.redis.restart();
      await system.untilRemembered(person);
    },
  );
});

describe("the risk model", () => {
  test("five failures in a row open the breaker: 503 at once, with when to come back; a trial closes it", async () => {
    await using system = await setUp({ breakerResetMs: 4_000 });
    system.model.answer(500, "{}");
    for (let index = 0; index < 5; index++) {
      const { status, body, headers } = await system.analyse();
      expect([status, body.code, headers.get("retry-after")]).toEqual([503, "model_unavailable", "1"]);
    }
    const refused = await system.analyse();
    expect(refused.status).toBe(503);
    // What is left of the four seconds.
    expect(["1", "2", "3", "4"]).toContain(refused.headers.get("retry-after"));
    expect(system.model.asked).toHaveLength(5);
    expect(await system.credit.metrics.metrics()).toContain('model_breaker_state{state="open"} 1');
    system.model.score(0.3);
    await until(async () => (await system.analyse()).status === 200, { what: "the breaker's trial" });
    expect(await system.credit.metrics.metrics()).toContain('model_breaker_state{state="closed"} 1');
  });

  test.each([
    ["no JSON", "{"],
    ["no score", { model_version: "1", contributions: {} }],
    ["a score above 1", { risk_score: 1.01, model_version: "1", contributions: {} }],
    ["a score that is a text", { risk_score: "NaN", model_version: "1", contributions: {} }],
  ])("an answer with %s is a failure, and nothing is decided", async (_, answer) => {
    await using system = await setUp();
    system.model.answer(200, answer);
    expect((await system.analyse()).status).toBe(503);
    expect(await system.database.sql`select id from credit_decisions`).toHaveLength(0);
  });

  test("an answer that takes longer than its time is a failure", async () => {
    await using system = await setUp({ modelTimeoutMs: 50 });
    system.model.score(0.3, 2_000);
    expect((await system.analyse()).body.code).toBe("model_unavailable");
  });

  test("refusing our features does not open the breaker", async () => {
    await using system = await setUp();
    system.model.answer(422, "{}");
    for (let index = 0; index < 6; index++) expect((await system.analyse()).status).toBe(502);
    system.model.score(0.3);
    expect((await system.analyse()).status).toBe(200);
  });

  test("a replica that is down is passed over", async () => {
    await using system = await setUp({ modelUrls: ["http://127.0.0.1:9"] });
    for (let index = 0; index < 4; index++) expect((await system.analyse()).status).toBe(200);
  });

  test("a failure is not cached", async () => {
    await using system = await setUp();
    const person = await system.newcomer();
    system.model.answer(500, "{}");
    expect((await system.analyse(person)).status).toBe(503);
    system.model.score(0.3);
    expect((await system.analyse(person)).status).toBe(200);
  });
});

describe("PostgreSQL", () => {
  test("out of reach, whoever the cache remembers is answered, also by a replica that never saw them", async () => {
    await using system = await setUp();
    const person = await system.newcomer();
    const first = await system.analyse(person);
    // The cache is given the answer after the client has it.
    await system.untilRemembered(person);
    const sql = postgres("postgres://nobody:secret@127.0.0.1:9/none", { max: 1 });
    await using other = await startCredit({ sql, redisUrl: system.redis.url, modelUrls: [system.model.url] });
    const path = `/v1/users/${person.id}/credit-analysis`;
    const answer = await other.send("POST", path, { caller: person.caller });
    expect([answer.status, answer.body]).toEqual([200, first.body]);
    await sql.end({ timeout: 0 });
  });

  test("out of reach is 503 with Retry-After, and says nothing of the inside", async () => {
    await using system = await setUp();
    const sql = postgres("postgres://nobody:secret@127.0.0.1:9/none", { max: 1 });
    await using credit = await startCredit({
      sql,
      redisUrl: system.redis.url,
      modelUrls: [system.model.url],
    });
    const { id, caller } = await system.newcomer();
    const answer = await credit.send("POST", `/v1/users/${id}/credit-analysis`, { caller });
    expect([answer.status, answer.body.code]).toEqual([503, "service_unavailable"]);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
    await sql.end({ timeout: 0 });
  });
});
