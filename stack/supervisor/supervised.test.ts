import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { removeTemporaryFolder, temporaryFolder } from "../../tests/harness/temporary-folder.ts";
import { until } from "../../tests/harness/until.ts";
import type { ProcessSpec } from "../process/spec.ts";
import { supervise } from "./supervised.ts";

const folder = temporaryFolder("supervised");
afterAll(() => removeTemporaryFolder(folder));

const silent = { changed: () => {}, say: () => {} };

/** A Node program that answers as soon as it has written its id to a file. */
const program = (
  name: string,
  source: string,
  more: Partial<ProcessSpec> = {},
): ProcessSpec & { pidFile: string } => {
  const pidFile = join(folder, `${name}.pid`);
  const written = `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`;
  return {
    name,
    pidFile,
    command: process.execPath,
    args: ["-e", `${source};${written}setInterval(() => {}, 1000);`],
    env: {},
    cwd: folder,
    logFile: join(folder, `${name}.log`),
    stopSignal: "SIGTERM",
    startWithinMs: 20_000,
    stopWithinMs: 10_000,
    ready: async () => void readFileSync(pidFile),
    ...more,
  };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a killed process is started again, and said so", async () => {
  const said: string[] = [];
  const spec = program("killed", "");
  const supervised = supervise(spec, { changed: () => {}, say: (line) => said.push(line) });
  await supervised.ready;
  const first = supervised.pid;
  process.kill(first ?? 0, "SIGKILL");
  await until(() => supervised.pid !== undefined && supervised.pid !== first, { what: "the second process" });
  expect(said[0]).toMatch(/^killed ended \(SIGKILL\); starting it again/);
  await until(() => said.includes(`killed is back (process ${supervised.pid})`), { what: "the news" });
  expect(await supervised.stop()).toBe(true);
  expect(supervised.pid).toBeUndefined();
});

test("a first start that fails is told with its last words, and not tried again", async () => {
  const spec = program("broken", 'console.error("bad configuration"); process.exit(1)');
  const supervised = supervise(spec, silent);
  await expect(supervised.ready).rejects.toThrow(
    /broken ended with code 1 before it answered.*bad configuration/s,
  );
  expect(supervised.pid).toBeUndefined();
  await supervised.stop();
});

test("one that ignores the request to stop is killed after its time, and that is told", async () => {
  const spec = program("deaf", 'process.on("SIGTERM", () => {})', { stopWithinMs: 300 });
  const supervised = supervise(spec, silent);
  await supervised.ready;
  const pid = supervised.pid ?? 0;
  expect(await supervised.stop()).toBe(false);
  expect(isAlive(pid)).toBe(false);
});

test("what a killed process had started goes with it", async () => {
  const grandchild = join(folder, "grandchild.pid");
  const source = `const inner = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    require("node:fs").writeFileSync(${JSON.stringify(grandchild)}, String(inner.pid))`;
  const supervised = supervise(program("parent", source), silent);
  await supervised.ready;
  const inner = Number(readFileSync(grandchild, "utf8"));
  writeFileSync(grandchild, "");
  process.kill(supervised.pid ?? 0, "SIGKILL");
  await until(() => !isAlive(inner), { what: "the end of the grandchild" });
  await supervised.stop();
});

test("a stop during the start ends it", async () => {
  const supervised = supervise(
    program("slow", "", { ready: () => Promise.reject(new Error("not yet")) }),
    silent,
  );
  const outcome = expect(supervised.ready).rejects.toThrow(/slow/);
  await until(() => supervised.pid, { what: "the process" });
  await supervised.stop();
  await outcome;
  expect(supervised.pid).toBeUndefined();
});
