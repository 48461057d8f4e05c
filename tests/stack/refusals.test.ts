import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTemporaryFolder, temporaryFolder } from "../harness/temporary-folder.ts";
import { until } from "../harness/until.ts";
import { npmStart, processesOf } from "./support/npm-start.ts";

type Refusal = {
  readonly args?: string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly prepare?: (home: string) => void;
};

/** Starts where it cannot work; resolves with what it said and checks that nothing is left of it. */
const refusal = async ({ args = [], env = {}, prepare }: Refusal): Promise<string> => {
  const home = temporaryFolder("refusal");
  try {
    prepare?.(home);
    await using start = npmStart(home, args, env);
    await until(() => start.exitCode() !== null, {
      within: 60_000,
      what: `a refusal; it said: ${start.output()}`,
    });
    expect(start.exitCode()).toBe(1);
    expect(processesOf(home)).toEqual([]);
    return start.output();
  } finally {
    removeTemporaryFolder(home);
  }
};

const messages = (output: string): string[] =>
  output.split("\n").filter((line) => line.includes("Cannot start"));

test("a taken port gets one message that names it and the way out", { timeout: 60_000 }, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await until(() => other.listening);
  const { port } = other.address() as { port: number };
  const output = await refusal({ env: { ECS_PORT: String(port) } });
  other.close();
  expect(messages(output)).toEqual([
    `Cannot start: port ${port} is taken by another program; stop it, or choose another port: ECS_PORT=9998 npm start`,
  ]);
});

test(
  "a half-initialised data folder gets one message that says how to begin again",
  { timeout: 60_000 },
  async () => {
    const output = await refusal({
      prepare: (home) => {
        mkdirSync(join(home, "postgres", "data"), { recursive: true });
        writeFileSync(join(home, "postgres", "data", "PG_VERSION"), "15\n");
      },
    });
    expect(messages(output)).toHaveLength(1);
    expect(output).toMatch(/not a complete PostgreSQL data folder .* npm start -- --fresh/);
  },
);

test(
  "the data of another PostgreSQL gets one message that names both versions",
  { timeout: 60_000 },
  async () => {
    const output = await refusal({
      prepare: (home) => {
        mkdirSync(join(home, "postgres", "data", "global"), { recursive: true });
        writeFileSync(join(home, "postgres", "data", "PG_VERSION"), "9\n");
        writeFileSync(join(home, "postgres", "data", "global", "pg_control"), "");
      },
    });
    expect(output).toMatch(/Cannot start: .* was made by PostgreSQL 9, and this machine has PostgreSQL \d+/);
  },
);

test("a server that the environment names and that nobody runs is named", { timeout: 60_000 }, async () => {
  const output = await refusal({ env: { NATS_URL: "nats://127.0.0.1:9" } });
  expect(messages(output)).toEqual([
    "Cannot start: NATS_URL is set, but nobody answers at 127.0.0.1:9: start that server, or unset NATS_URL",
  ]);
});

test(
  "a cluster is not started over the events of one server, nor beside servers that are given",
  { timeout: 60_000 },
  async () => {
    const over = await refusal({
      args: ["--cluster"],
      prepare: (home) => mkdirSync(join(home, "nats", "jetstream"), { recursive: true }),
    });
    expect(over).toMatch(
      /Cannot start: the events in .* are kept by one NATS server, .*: leave out --cluster/,
    );
    const beside = await refusal({ args: ["--cluster"], env: { NATS_URL: "nats://127.0.0.1:9" } });
    expect(messages(beside)).toEqual([expect.stringContaining("NATS_URL names servers to use")]);
  },
);

test("every bad setting is named at once", { timeout: 60_000 }, async () => {
  const output = await refusal({
    env: { ECS_PORT: "high", DATABASE_URL: "mysql://x", GATEWAY_REPLICAS: "none" },
  });
  expect(output).toMatch(
    /ECS_PORT: .*; DATABASE_URL: must be a postgres:\/\/ URL.*; GATEWAY_REPLICAS: must be a whole number from 1 to 99/,
  );
  expect(await refusal({ args: ["--frsh"] })).toContain(
    "unknown argument --frsh; there are --fresh and --cluster",
  );
});
