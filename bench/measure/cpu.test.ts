import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { countCpu, parseStat } from "./cpu.ts";

test("a process name with brackets and spaces does not shift the fields", () => {
  const line = "77 (postgres: a) b) S 12 77 77 0 -1 4194560 1 0 0 0 250 31 7 2 20 0 1 0 900 0 0";
  expect(parseStat(line)).toEqual({ parent: 12, ticks: 290 });
});

test.skipIf(process.platform !== "linux")(
  "work of a descendant counts for the process that started it",
  async () => {
    // Counted in CPU time, so that a busy machine changes nothing.
    const busy = "while (process.cpuUsage().user < 300_000);";
    const parent = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(busy)}]);
      process.stdout.write("done"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["-e", parent], { stdio: ["ignore", "pipe", "inherit"] });
    const elapsed = countCpu([{ name: "parent", pid: child.pid ?? 0 }]);
    await once(child.stdout, "data");
    const used = elapsed()["parent"];
    child.kill("SIGKILL");
    expect(used).toBeGreaterThan(0.2);
  },
);
