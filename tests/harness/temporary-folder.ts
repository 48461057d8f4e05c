import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesMentioning, startedAt } from "../../stack/process/identity.ts";
import type { Server } from "../../stack/servers/server.ts";

const PREFIX = "ecs-test-";
const OWNER = "owner.json";

let told = false;

/** A new folder under the system's temporary one, marked with the process that owns it. */
export const temporaryFolder = (what: string): string => {
  // A worker of vitest is ended by a signal, which would skip the hook that ends the servers it has started.
  if (process.env["VITEST_POOL_ID"] && !told) process.once("SIGTERM", () => process.exit(143));
  told = true;
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${what}-`));
  writeFileSync(join(folder, OWNER), JSON.stringify({ pid: process.pid, startedAt: startedAt(process.pid) }));
  // The unprivileged account of a database server must be able to pass, though not to look around.
  chmodSync(folder, 0o711);
  return folder;
};

export const removeTemporaryFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

/** Starts a server whose folder goes when it is disposed. */
export const inTemporaryFolder = async (
  what: string,
  start: (folder: string) => Promise<Server>,
): Promise<Server> => {
  const folder = temporaryFolder(what);
  const server = await start(folder).catch((error: unknown) => {
    removeTemporaryFolder(folder);
    throw error;
  });
  const dispose = async (): Promise<void> => {
    await server.stop();
    removeTemporaryFolder(folder);
  };
  return Object.create(server, { [Symbol.asyncDispose]: { value: dispose } }) as Server;
};

/** Ends and removes what test runs left that were killed before they could clean up. */
export const sweepAbandoned = (): void => {
  for (const folder of abandonedFolders()) {
    for (const pid of processesMentioning(folder)) kill(pid);
    removeTemporaryFolder(folder);
  }
};

const abandonedFolders = (): string[] =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((folder) => !ownerLives(folder));

const ownerLives = (folder: string): boolean => {
  try {
    const owner = JSON.parse(readFileSync(join(folder, OWNER), "utf8")) as { pid: number; startedAt: string };
    return startedAt(owner.pid) === owner.startedAt;
  } catch {
    // Somebody is making it right now, or it is not ours to judge.
    return true;
  }
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
};
