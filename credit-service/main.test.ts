import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { migrate } from "../platform/database/migrate.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { inRoot } from "../stack/root.ts";
import { freshDatabase } from "../tests/harness/database.ts";
import { startProcess } from "../tests/harness/processes.ts";
import { startPostgres, startRedis } from "../tests/harness/servers.ts";
import { until } from "../tests/harness/until.ts";

const run = promisify(execFile);
const GATEWAY_KEY = "a-gateway-key-that-only-tests-use-000";

const operator = (args: string[], env: Record<string, string>) =>
  run(process.execPath, ["credit-service/operator-main.ts", ...args], {
    env: { PATH: process.env["PATH"], ...env },
  });

describe("the process", () => {
  test("gets ready, serves, and tells how it is", { timeout: 60_000 }, async () => {
    await using database = await freshDatabase();
    await using redis = await startRedis();
    await using model = await startProcess("ml-mock/main.ts", {});
    await using credit = await startProcess("credit-service/main.ts", {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      ML_URL: model.url,
      JWT_SECRET: "a-signing-secret-that-only-tests-use-0",
      GATEWAY_KEY,
    });
    // Redis and the model make nobody unready, and may be connected a moment later.
    await until(async () => {
      const ready = await fetch(`${credit.url}/readyz`);
      expect(await ready.json()).toMatchObject({
        status: "ready",
        checks: {
          database: { ready: true },
          redis: { ready: true },
          model: { ready: true, breaker: "closed" },
        },
      });
      return true;
    });
    const register = (key: string) =>
      fetch(`${credit.url}/v1/auth/register`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-gateway-key": key, "x-caller-kind": "anonymous" },
        body: JSON.stringify({ email: "ada@example.com", password: "correct-horse" }),
      });
    expect((await register("wrong")).status).toBe(401);
    expect((await register(GATEWAY_KEY)).status).toBe(201);
    expect(await (await fetch(`${credit.url}/metrics`)).text()).toContain(
      'model_breaker_state{state="closed"',
    );
  });
});

test(
  "stops in order when PostgreSQL has gone away in the middle of a statement",
  { timeout: 60_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const [server, redis] = await Promise.all([startPostgres(), startRedis()]);
    stack.use(server);
    stack.use(redis);
    const sql = postgres(server.databaseUrl, { max: 2, onnotice: () => {} });
    stack.defer(() => sql.end({ timeout: 0 }));
    await migrate(sql, inRoot("migrations"));
    const credit = stack.use(
      await startProcess("credit-service/main.ts", {
        DATABASE_URL: server.databaseUrl,
        REDIS_URL: redis.url,
        ML_URL: "http://127.0.0.1:1",
        JWT_SECRET: "a-signing-secret-that-only-tests-use-0",
        GATEWAY_KEY,
      }),
    );
    const locked = Promise.withResolvers<void>();
    const locking = inTransaction(sql, async (tx) => {
      await tx`lock table notifications in access exclusive mode`;
      locked.resolve();
      await tx`select pg_sleep(60)`;
    });
    locking.catch(() => {});
    await locked.promise;
    const me = randomUUID();
    const asked = fetch(`${credit.url}/v1/users/${me}/notifications`, {
      headers: { "x-gateway-key": GATEWAY_KEY, "x-caller-kind": "user", "x-caller-id": me },
    });
    await until(
      async () =>
        (
          await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%notifications%'`
        ).length > 0,
      { what: "a statement that waits" },
    );
    await server.kill();
    expect((await asked).status).toBe(503);

    await credit.stop();
    expect(await readFile(credit.logFile, "utf8")).toMatch(/"msg":"stopped"/);
  },
);

describe("the operator's command", () => {
  test(
    "makes an operator once, shows a generated password, and refuses an email that is taken",
    { timeout: 60_000 },
    async () => {
      await using database = await freshDatabase();
      const env = { DATABASE_URL: database.url };
      const { stdout } = await operator(["create", "--email", "Ops@Example.com"], env);
      expect(stdout).toMatch(
        /Made the operator ops@example\.com \([0-9a-f-]{36}\)\.\nPassword, shown only now: \S{24}\n/,
      );
      expect(await database.sql`select email, role from users`).toEqual([
        { email: "ops@example.com", role: "operator" },
      ]);
      await expect(operator(["create", "--email", "ops@example.com"], env)).rejects.toMatchObject({
        code: 3,
        stderr: "ops@example.com is registered already; nothing was changed.\n",
      });
    },
  );

  test("says how it is used, and where a database would come from", async () => {
    const usage = expect.stringContaining("npm run operator -- create --email") as string;
    await expect(operator(["create"], {})).rejects.toMatchObject({ code: 2, stderr: usage });
    expect(await operator(["--help"], {})).toEqual({ stdout: usage, stderr: "" });
    await expect(
      operator(["create", "--email", "a@b.example"], { ECS_HOME: "/nonexistent" }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("DATABASE_URL") as string,
    });
  });
});
