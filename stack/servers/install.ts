import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { isRoot } from "../process/account.ts";
import { inRoot } from "../root.ts";
import { installCommand, missingServers } from "./missing.ts";
import { PACKAGES, type ServerName } from "./programs.ts";

/**
 * Installs the servers that this machine lacks, with apt as root or through a sudo that asks no password, or
 * with brew. @throws Error with the one command to type when it may not, or with what the installer said
 */
export const installMissing = async (
  names: readonly ServerName[],
  say: (line: string) => void,
): Promise<void> => {
  const missing = missingServers(names);
  if (missing.length === 0) return;
  const programs = missing.map((name) => PACKAGES[name].program).join(", ");
  const byHand = installCommand(missing);
  const installer = findInstaller(missing);
  if (!installer) throw new Error(`${programs} not found; install with: ${byHand}`);

  say(`Installing ${programs} (once; a minute or so)…`);
  const { code, output } = await run(installer);
  const still = missingServers(missing);
  if (code === 0 && still.length === 0) return;
  const lastLines = output.trim().split("\n").slice(-15).join("\n");
  const outcome =
    code === 0 ? `${still.join(", ")} still not found (PostgreSQL must be 15 or newer)` : "it failed";
  throw new Error(`installing ${programs}: ${outcome}; try by hand: ${byHand}\n${lastLines}`);
};

const findInstaller = (missing: readonly ServerName[]): string[] | undefined => {
  if (process.platform === "darwin") {
    return isThere("brew") ? ["brew", "install", ...missing.map((name) => PACKAGES[name].brew)] : undefined;
  }
  if (!existsSync("/usr/bin/apt-get")) return undefined;
  const script = [
    "/bin/sh",
    inRoot("stack/servers/apt-install.sh"),
    ...missing.map((name) => PACKAGES[name].apt),
  ];
  if (isRoot()) return script;
  const allowed = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return allowed ? ["sudo", "-n", ...script] : undefined;
};

const isThere = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

// In a session of its own: a Ctrl-C must not stop a package manager halfway.
const run = ([command = "", ...args]: string[]): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: "/", detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
