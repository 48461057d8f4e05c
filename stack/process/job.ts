import { spawn } from "node:child_process";
import { ROOT } from "../root.ts";
import { lastWords } from "./last-words.ts";
import { inherited } from "./node-process.ts";

export type JobOptions = {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What it reads on stdin. */
  readonly input?: string;
  /** The exit codes that are no failure; 0 alone by default. */
  readonly accepted?: readonly number[];
  readonly signal: AbortSignal;
};

/** Runs one of the project's programs to its end. @throws Error with the last it said when it fails */
export const runJob = ({ args, env, input = "", accepted = [0], signal }: JobOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...inherited(), ...env }, signal });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    // It may end without reading.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code) => {
      if (accepted.includes(code ?? -1)) return resolve();
      return reject(new Error(`${args[0]} failed:\n${lastWords(output)}`));
    });
  });
