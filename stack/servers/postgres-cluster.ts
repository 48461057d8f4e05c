import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Account } from "../process/account.ts";
import { requireServer } from "./missing.ts";
import { findPostgresFolder } from "./programs.ts";

const run = promisify(execFile);

export const ADMINISTRATOR = "postgres";

export type ClusterOptions = {
  readonly folder: string;
  readonly password: string;
  readonly account: Account | undefined;
};

/**
 * Finds the cluster under the folder or makes it. It is made beside and renamed when complete, so that an
 * interrupted initialisation leaves nothing that looks like a cluster.
 * @throws Error when the folder holds something else, or the cluster of a PostgreSQL that is not installed
 */
export const initialiseCluster = async (
  options: ClusterOptions,
): Promise<{ data: string; programs: string }> => {
  requireServer("postgres");
  const data = join(options.folder, "data");
  await removeUnfinished(options.folder);
  if (existsSync(data) && (await readdir(data)).length === 0) await rmdir(data);
  if (existsSync(data)) return { data, programs: await programsFor(data) };

  const programs = findPostgresFolder() ?? "";
  await initdb(programs, data, options);
  return { data, programs };
};

const programsFor = async (data: string): Promise<string> => {
  const version = join(data, "PG_VERSION");
  if (!existsSync(version) || !existsSync(join(data, "global", "pg_control"))) {
    throw new Error(
      `${data} is not a complete PostgreSQL data folder (its initialisation was interrupted, or files were removed); ` +
        "move it away to keep it, or begin with empty data: npm start -- --fresh",
    );
  }
  const major = Number((await readFile(version, "utf8")).trim());
  const programs = findPostgresFolder(major) ?? "";
  const { stdout } = await run(join(programs, "postgres"), ["--version"]);
  const found = Number(/(\d+)/.exec(stdout)?.[1]);
  if (found === major) return programs;
  throw new Error(
    `${data} was made by PostgreSQL ${major}, and this machine has PostgreSQL ${found}; ` +
      `install PostgreSQL ${major}, or begin with empty data: npm start -- --fresh`,
  );
};

const initdb = async (
  programs: string,
  data: string,
  { folder, password, account }: ClusterOptions,
): Promise<void> => {
  const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`);
  const passwordFile = `${unfinished}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const args = [
    `--pgdata=${unfinished}`,
    `--username=${ADMINISTRATOR}`,
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--no-locale",
    // A thousand small writes to wait for; `flushSoon` has them written at once, and nobody waits.
    "--no-sync",
  ];
  const identity = account && { uid: account.uid, gid: account.gid };
  try {
    await run(join(programs, "initdb"), args, {
      cwd: folder,
      env: { PATH: process.env["PATH"], TZ: "UTC" },
      ...identity,
    });
    await rename(unfinished, data);
    flushSoon(data);
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim();
    throw new Error(`PostgreSQL could not make its data folder ${data}: ${output || String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
};

const flushSoon = (data: string): void => {
  const args = process.platform === "linux" ? ["--file-system", data] : [];
  const flush = spawn("sync", args, { stdio: "ignore", detached: true });
  // Without it the system writes them within half a minute by itself.
  flush.once("error", () => {});
  flush.unref();
};

const UNFINISHED = "initialising-";

const removeUnfinished = async (folder: string): Promise<void> => {
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { recursive: true, force: true })));
};
