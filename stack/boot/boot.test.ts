import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { inRoot } from "../root.ts";

let root: string;
const running: ChildProcess[] = [];

// A package of its own that needs one other, which lies beside it: npm installs it without a registry.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ecs-boot-"));
  mkdirSync(join(root, "stack"));
  mkdirSync(join(root, "needed"));
  cpSync(inRoot("stack/boot.js"), join(root, "stack", "boot.js"));
  cpSync(inRoot("stack/boot"), join(root, "stack", "boot"), { recursive: true });
  const manifest = {
    name: "booted",
    version: "1.0.0",
    type: "module",
    dependencies: { needed: "file:needed" },
  };
  writeJson("package.json", manifest);
  writeJson("needed/package.json", { name: "needed", version: "1.0.0" });
  const packages = {
    "": { name: "booted", version: "1.0.0", dependencies: { needed: "file:needed" } },
    needed: { version: "1.0.0" },
    "node_modules/needed": { resolved: "needed", link: true },
  };
  writeJson("package-lock.json", {
    name: "booted",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages,
  });
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const writeJson = (file: string, value: object): void =>
  writeFileSync(join(root, file), JSON.stringify(value));

const task = (name: string, source: string): void =>
  writeFileSync(join(root, "stack", `${name}-main.ts`), source);

const boot = (
  name: string,
  ...args: string[]
): { child: ChildProcess; output: () => string; ended: Promise<number> } => {
  const child = spawn(process.execPath, [join(root, "stack", "boot.js"), name, ...args], {
    cwd: root,
    stdio: "pipe",
  });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  return { child, output: () => output, ended };
};

const SLOW_MS = 60_000;

test(
  "two boots that begin together install the packages once, and a later one not at all",
  { timeout: SLOW_MS },
  async () => {
    task("verify", 'console.log("ran");');
    const both = [boot("verify"), boot("verify")];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    const said = both.map(({ output }) => output());
    expect(said.filter((text) => text.includes("Installing packages"))).toHaveLength(1);
    expect(said.filter((text) => text.endsWith("ran\n"))).toHaveLength(2);

    const later = boot("verify");
    await later.ended;
    expect(later.output()).toBe("ran\n");
    expect(readdirSync(join(root, ".ecs"))).toEqual([]);
  },
);

test("a changed lock file installs again, and names what changed", { timeout: SLOW_MS }, async () => {
  task("verify", 'console.log("ran");');
  await boot("verify").ended;
  rmSync(join(root, "node_modules", "needed"), { recursive: true });
  const again = boot("verify");
  expect(await again.ended).toBe(0);
  expect(again.output()).toBe("Installing packages (1 changed, needed among them)…\nran\n");
});

test("packages that cannot be installed end the boot with what npm said", { timeout: SLOW_MS }, async () => {
  writeJson("package.json", { name: "booted", version: "1.0.0", dependencies: { other: "file:other" } });
  const failed = boot("verify");
  expect(await failed.ended).toBe(1);
  expect(failed.output()).toMatch(/npm ci failed:\n.*npm (error|ERR!)/s);
});

test("--help says what a task does and does nothing; options that it does not have are refused", async () => {
  task("verify", 'console.log("ran");');
  const asked = boot("verify", "--help");
  expect(await asked.ended).toBe(0);
  expect(asked.output()).toMatch(/^npm run verify\n/);
  const odd = boot("verify", "--fix");
  expect(await odd.ended).toBe(1);
  expect(odd.output()).toBe("npm run verify takes no options, and was given --fix; nothing was done\n");
});

test("the exit code is the task's", { timeout: SLOW_MS }, async () => {
  task("verify", "process.exit(7);");
  expect(await boot("verify").ended).toBe(7);
  expect(await boot("nonsense").ended).toBe(1);
});

test(
  "a Ctrl-C that arrives three times reaches the task once, and the boot waits for its end",
  { timeout: SLOW_MS },
  async () => {
    task(
      "verify",
      `let signals = 0;
     process.on("SIGINT", () => signals++);
     console.log("listening");
     setInterval(() => { if (signals > 0) setTimeout(() => { console.log("signals: " + signals); process.exit(3); }, 300); }, 20);`,
    );
    const { child, output, ended } = boot("verify");
    await until(() => output().includes("listening"), { what: "the task" });
    for (let time = 0; time < 3; time++) child.kill("SIGINT");
    expect(await ended).toBe(3);
    expect(output()).toContain("signals: 1\n");
  },
);

test("a stack whose boot is killed is told so", { timeout: SLOW_MS }, async () => {
  const note = join(root, "note");
  writeFileSync(
    join(root, "stack", "main.ts"),
    `import { writeFileSync } from "node:fs";
     process.once("disconnect", () => { writeFileSync(${JSON.stringify(note)}, "told"); process.exit(0); });
     console.log("listening");
     setInterval(() => {}, 1000);`,
  );
  const { child, output } = boot("start");
  await until(() => output().includes("listening"), { what: "the task" });
  child.kill("SIGKILL");
  await until(() => readdirSync(root).includes("note"), { what: "the note of the stack" });
});
