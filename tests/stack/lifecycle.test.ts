import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, expect, inject, test } from "vitest";
import type { StackFile } from "../../stack/stack-file.ts";
import { removeTemporaryFolder, temporaryFolder } from "../harness/temporary-folder.ts";
import { until } from "../harness/until.ts";
import { isAlive, npmStart, processesOf, readStackFile } from "./support/npm-start.ts";

const home = temporaryFolder("lifecycle");
afterAll(() => removeTemporaryFolder(home));

const TIMEOUT_MS = 150_000;

const login = async ({ baseUrl, demo: { email, password } }: StackFile): Promise<number> => {
  const response = await fetch(`${baseUrl}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  await response.text();
  return response.status;
};

const countUsers = async (url: string): Promise<number> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ users: number }[]>`select count(*)::int as users from users`;
    return row?.users ?? 0;
  } finally {
    await sql.end();
  }
};

const leavesNothing = async (pids: readonly number[]): Promise<void> => {
  expect(pids.filter(isAlive)).toEqual([]);
  await until(() => processesOf(home).length === 0, { what: "the end of every process of the stack" });
  expect(existsSync(join(home, "stack.json"))).toBe(false);
};

test(
  "a start announces everything, and Ctrl-C drains it, leaves no process and exits with 0",
  { timeout: TIMEOUT_MS },
  async () => {
    await using start = npmStart(home);
    const file = await start.ready();

    expect(statSync(join(home, "stack.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "secrets.json")).mode & 0o777).toBe(0o600);
    const logs = readdirSync(join(home, "logs"));
    expect(logs).toContain("nginx-access.log");
    expect(logs.filter((name) => (statSync(join(home, "logs", name)).mode & 0o077) !== 0)).toEqual([]);
    expect(file).toEqual({
      baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      docsUrl: `${file.baseUrl}/docs`,
      internalKey: expect.stringMatching(/^.{32,}$/),
      ledgerChainKey: expect.stringMatching(/^.{32,}$/),
      databaseUrl: expect.stringMatching(/^postgres:/),
      natsUrl: expect.stringMatching(/^nats:/),
      redisUrl: expect.stringMatching(/^redis:/),
      demo: { email: "demo@example.com", password: expect.any(String), userId: expect.any(String) },
      operator: { email: "operator@example.com", password: expect.any(String) },
      processes: expect.arrayContaining(
        [
          "postgres",
          "nats",
          "redis",
          "nginx",
          "gateway-1",
          "gateway-2",
          "credit-service-2",
          "outbox-relay-1",
          "dead-letter-1",
        ].map((name) => expect.objectContaining({ name, pid: expect.any(Number) })),
      ),
    });
    expect(await login(file)).toBe(200);
    expect(start.output()).toContain(file.baseUrl);
    // The stack that the whole run shares goes on beside it.
    const other = readStackFile(inject("stackHome"));
    expect(other.baseUrl).not.toBe(file.baseUrl);
    expect((await fetch(`${other.baseUrl}/readyz`)).status).toBe(200);

    const pids = file.processes.map(({ pid }) => pid);
    expect(pids.filter((pid) => !isAlive(pid))).toEqual([]);
    expect(await start.end("SIGINT")).toBe(0);
    await leavesNothing(pids);
  },
);

test(
  "a second start works on the kept data; a killed process comes back under a new id; SIGTERM ends it too",
  { timeout: TIMEOUT_MS },
  async () => {
    await using start = npmStart(home);
    const file = await start.ready();
    expect(await countUsers(file.databaseUrl)).toBe(2);
    expect(await login(file)).toBe(200);

    await using again = npmStart(home);
    await until(() => again.exitCode() !== null, { what: "the refusal" });
    expect(again.output()).toMatch(
      /Cannot start: a stack already runs on .*ECS_HOME=\.ecs-2 ECS_PORT=9998 npm start/,
    );
    expect(readStackFile(home)).toEqual(file);

    for (const name of ["emotion-ingestion-1", "nginx", "postgres"]) {
      const before = readStackFile(home).processes.find((entry) => entry.name === name);
      process.kill(before?.pid ?? 0, "SIGKILL");
      const after = await until(
        () => readStackFile(home).processes.find((entry) => entry.name === name && entry.pid !== before?.pid),
        { what: `${name} under a new id` },
      );
      expect(after.url).toBe(before?.url);
    }
    await until(async () => (await login(file)) === 200, { what: "a login after the kills" });
    expect(start.output()).toMatch(/postgres ended \(SIGKILL\)/);

    const pids = readStackFile(home).processes.map(({ pid }) => pid);
    expect(await start.end("SIGTERM")).toBe(0);
    await leavesNothing(pids);
  },
);

test(
  "what a killed supervisor left running is stopped by the next start, which --fresh begins empty",
  { timeout: TIMEOUT_MS },
  async () => {
    await using first = npmStart(home);
    const before = await first.ready();
    const { pid } = JSON.parse(await readState()) as { pid: number };
    process.kill(pid, "SIGKILL");
    await until(() => first.exitCode() !== null, { what: "the end of the boot" });
    expect(before.processes.filter((entry) => isAlive(entry.pid)).length).toBeGreaterThan(10);

    await using second = npmStart(home, ["--fresh"]);
    const after = await second.ready();
    expect(before.processes.filter((entry) => isAlive(entry.pid))).toEqual([]);
    expect(after.demo.password).not.toBe(before.demo.password);
    expect(await countUsers(after.databaseUrl)).toBe(2);
    expect(await second.end("SIGTERM")).toBe(0);
    expect(readdirSync(home).toSorted()).toEqual(
      ["logs", "nats", "nginx", "owner.json", "postgres", "redis", "secrets.json"].toSorted(),
    );
  },
);

const readState = (): Promise<string> => readFile(join(home, "supervisor.json"), "utf8");
