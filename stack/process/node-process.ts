import { inRoot, ROOT } from "../root.ts";
import type { ServerSpec } from "./spec.ts";

export type NodeProcessOptions = {
  readonly name: string;
  /** The file to run, from the package's root. */
  readonly entry: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
};

/**
 * How Node runs each process; the Dockerfile says the same. Left alone, V8 lets the space for new objects grow to
 * 128 MiB under load and keeps it: memory that rises with the traffic of the last minutes and tells nothing.
 */
export const NODE_FLAGS = ["--max-semi-space-size=16"];

/** One of the project's own processes on a loopback port; it answers when its `/readyz` does. */
export const nodeProcess = ({ name, entry, port, env, logFile }: NodeProcessOptions): ServerSpec => {
  const url = `http://127.0.0.1:${port}`;
  return {
    name,
    url,
    port,
    command: process.execPath,
    args: [...NODE_FLAGS, inRoot(entry)],
    env: { ...inherited(), ...env, PROCESS_NAME: name, HOST: "127.0.0.1", PORT: String(port) },
    cwd: ROOT,
    logFile,
    stopSignal: "SIGTERM",
    startWithinMs: 60_000,
    stopWithinMs: 20_000,
    ready: async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`not ready yet: ${await response.text()}`);
      await response.body?.cancel();
    },
  };
};

// What a process may take from the shell it was started in; secrets of that shell are none of its business.
const INHERITED =
  /^(PATH|HOME|TZ|LANG|LC_\w+|TMPDIR|LOG_LEVEL|NODE_OPTIONS|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|OTEL_\w+)$/;

export const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)));
