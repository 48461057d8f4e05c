import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startRedis } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { connectRedis } from "../cache/redis.ts";
import { createLogger } from "./logger.ts";

test("a process whose log cannot be written goes on, and stops in order", async () => {
  // Open for reading alone: each write fails, as it does on a full disk.
  const unwritable = openSync(fileURLToPath(import.meta.url), "r");
  const child = fork(fileURLToPath(new URL("unwritable-output.fixture.ts", import.meta.url)), {
    stdio: ["ignore", unwritable, "inherit", "ipc"],
  });
  closeSync(unwritable);
  try {
    // More than a second's worth: lines are written five times a second.
    for (let tick = 0; tick < 60; tick++) await once(child, "message");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("an error is logged without the secrets and the payloads that libraries put on theirs", async () => {
  const lines: string[] = [];
  const config = { PROCESS_NAME: "test", LOG_LEVEL: "info" };
  const logger = createLogger(config, { write: (line) => void lines.push(line) });

  await using server = await startRedis({ password: "the-right-one" });
  const url = new URL(server.url);
  url.password = "a-secret-of-yesterday";
  const redis = connectRedis(url.href, logger);
  await until(() => lines.length > 0);
  redis.stop();

  await using database = await freshDatabase();
  const { sql } = database;
  await sql`create table kept (feeling text, intensity numeric, check (intensity <= 1))`;
  await sql`insert into kept values ('grief', 7)`.catch((error: unknown) =>
    logger.warn({ err: error }, "refused"),
  );

  const logged = lines.map((line) => JSON.parse(line) as { err: { message: string; code?: string } });
  expect(logged.map(({ err }) => err)).toMatchObject([
    { message: expect.stringContaining("WRONGPASS") as string },
    { code: "23514", constraint_name: "kept_intensity_check" },
  ]);
  expect(lines.join()).not.toMatch(/a-secret-of-yesterday|grief/);
});
