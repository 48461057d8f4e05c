import { spawn } from "node:child_process";
import { ROOT } from "../root.ts";
import { inherited } from "./node-process.ts";

export type JobOptions = {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
};

/** Runs one of the project's programs to its end. @throws Error with the last it said when it fails */
export const runJob = ({ args, env, signal }: JobOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...inherited(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${args.join(" ")} failed:\n${output.trim().split("\n").slice(-12).join("\n")}`));
    });
  });
