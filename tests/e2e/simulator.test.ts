import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const MAIN = fileURLToPath(new URL("../../simulator/main.ts", import.meta.url));
const ARGS = ["--users", "6", "--minutes", "0.1", "--seed", "7"];

const simulate = async (): Promise<string> => {
  const env = { ...process.env, ECS_HOME: inject("stackHome") };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...ARGS], { env, timeout: 60_000 });
  return stdout;
};

test("the simulator plays everyone and finds every promise kept", { timeout: 60_000 }, async () => {
  const output = await simulate();
  expect(output).toMatch(/^KEPT: [1-9]\d* events and [1-9]\d* acceptances/m);
  expect(output).toMatch(/^all +6 +6 /m);
});
