import { closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { renderNginxConfig } from "../nginx/render.ts";
import type { Home } from "./home/home.ts";
import { writePrivateFile } from "./home/write-file.ts";
import { findAccount, isRoot } from "./process/account.ts";
import type { ServerSpec } from "./process/spec.ts";
import { requireServer } from "./servers/missing.ts";

export type NginxOptions = {
  readonly home: Pick<Home, "data" | "logs">;
  readonly port: number;
  /** The base URLs of the gateways. */
  readonly gateways: readonly string[];
  readonly accessLog: string;
};

/** nginx in front of the gateways on loopback; its temporary files are under the stack's folder. */
export const prepareNginx = ({ home, port, gateways, accessLog }: NginxOptions): ServerSpec => {
  const command = requireServer("nginx");
  const folder = join(home.data, "nginx");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const config = join(folder, "nginx.conf");
  keepPrivate(accessLog);
  const listen = { host: "127.0.0.1", port };
  const user = workerAccount();
  writePrivateFile(config, renderNginxConfig({ listen, gateways, folder, accessLog, ...(user && { user }) }));
  const url = `http://127.0.0.1:${port}`;
  return {
    name: "nginx",
    url,
    port,
    command,
    args: ["-c", config, "-p", folder, "-e", "stderr"],
    env: { PATH: process.env["PATH"] },
    cwd: folder,
    logFile: join(home.logs, "nginx.log"),
    // Lets the requests in hand finish.
    stopSignal: "SIGQUIT",
    startWithinMs: 30_000,
    stopWithinMs: 12_000,
    ready: async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
    },
  };
};

// nginx makes its logs readable by everybody, and leaves one that is there as it is.
const keepPrivate = (log: string): void => {
  const file = openSync(log, "a", 0o600);
  fchmodSync(file, 0o600);
  closeSync(file);
};

// Only root may hand its workers to another account; Debian's `nobody` has a group of another name.
const workerAccount = (): string | undefined => {
  if (!isRoot()) return undefined;
  return findAccount(["www-data"]) ? "www-data" : "nobody nogroup";
};
