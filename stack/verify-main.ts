import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { ROOT } from "./root.ts";

type Check = { readonly name: string; readonly command: string; readonly args: readonly string[] };
type Result = Check & { readonly passed: boolean; readonly output: string; readonly seconds: number };

const node = process.execPath;

// The boot put the package's own programs on the PATH.
const CHECKS: readonly Check[] = [
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: "oxfmt", args: ["--check"] },
  { name: "openapi", command: node, args: ["gateway/openapi-main.ts", "--check"] },
];

/** Runs every check, however many fail, so that one run shows everything there is to mend. */
const verify = async (): Promise<boolean> => {
  const waiting = [...CHECKS];
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = await run(check);
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const failed = results.filter((result) => !result.passed);
  console.log(failed.length ? `failed: ${failed.map(({ name }) => name).join(", ")}` : "everything holds");
  return failed.length === 0;
};

const run = (check: Check): Promise<Result> =>
  new Promise((resolve) => {
    const begin = performance.now();
    const child = spawn(check.command, check.args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const finish = (passed: boolean): void =>
      resolve({ ...check, passed, output, seconds: (performance.now() - begin) / 1000 });
    child.once("error", (error) => {
      output += error.message;
      finish(false);
    });
    child.once("close", (code) => finish(code === 0));
  });

const report = ({ name, passed, output, seconds, command, args }: Result): void => {
  console.log(`${passed ? "✓" : "✗"} ${name} (${seconds.toFixed(1)} s)`);
  if (!passed) console.log(`${[command, ...args].join(" ")}\n${output.trimEnd()}\n`);
};

process.exitCode = (await verify()) ? 0 : 1;
