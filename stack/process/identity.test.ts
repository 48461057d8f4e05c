import { spawn } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { groupIsEmpty, processesMentioning, startedAt } from "./identity.ts";

const WAIT = "setInterval(() => {}, 1000)";

test.each([
  ["command line", (text: string) => spawn(process.execPath, ["-e", WAIT, text])],
  ["environment", (text: string) => spawn(process.execPath, ["-e", WAIT], { env: { MARK: text } })],
  ["working folder", (text: string) => spawn(process.execPath, ["-e", WAIT], { cwd: text, env: {} })],
])("a process is found by its %s, and only while it lives", async (_where, start) => {
  const folder = mkdtempSync(join(tmpdir(), "ecs-identity-"));
  const child = start(folder);
  await until(() => processesMentioning(folder).includes(child.pid ?? 0), { what: "the process" });
  child.kill("SIGKILL");
  await until(() => processesMentioning(folder).length === 0, { what: "its end" });
  rmdirSync(folder);
});

test("a process is told from another one of the same id by when it started", async () => {
  const child = spawn(process.execPath, ["-e", WAIT], { detached: true });
  const pid = child.pid ?? 0;
  const first = startedAt(pid);
  expect(first).toBeTruthy();
  expect(startedAt(pid)).toBe(first);
  expect(groupIsEmpty(pid)).toBe(false);
  child.kill("SIGKILL");
  await until(() => startedAt(pid) === undefined && groupIsEmpty(pid), { what: "its end" });
});
