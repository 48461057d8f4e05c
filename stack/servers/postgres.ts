import { execFile } from "node:child_process";
import { chown, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { type Account, unprivilegedAccount } from "../process/account.ts";
import type { ServerSpec } from "../process/spec.ts";
import { ADMINISTRATOR, initialiseCluster } from "./postgres-cluster.ts";
import { removeStalePid } from "./postgres-pid.ts";

const run = promisify(execFile);

export type PostgresOptions = {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** False only for tests: a crash of the machine may then cost the data. */
  readonly durable?: boolean;
  readonly sharedBuffers?: string;
  readonly maxConnections?: number;
};

/**
 * A PostgreSQL server on loopback, password asked, its cluster made under the folder when there is none yet.
 * The URL names the maintenance database, as the administrator; see `ensureDatabase`.
 */
export const preparePostgres = async (options: PostgresOptions): Promise<ServerSpec> => {
  const { folder, port, password } = options;
  const account = unprivilegedAccount();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account) await giveTo(account, folder);
  const { data, programs } = await initialiseCluster({ folder, password, account });
  const url = `postgres://${ADMINISTRATOR}:${password}@127.0.0.1:${port}/postgres`;
  return {
    name: "postgres",
    url,
    port,
    command: join(programs, "postgres"),
    args: ["-D", data, ...settings(options).flatMap((setting) => ["-c", setting])],
    env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    cwd: folder,
    account,
    logFile: join(folder, "postgres.log"),
    // Fast shutdown: ends the sessions, writes a checkpoint, loses nothing.
    stopSignal: "SIGINT",
    startWithinMs: 60_000,
    stopWithinMs: 20_000,
    ready: () => answers(url),
    beforeStart: () => removeStalePid(data),
    // The orphans of a killed server hold its memory for a moment.
    passing: (output) => /pre-existing shared memory block|lock file .* already exists/.test(output),
  };
};

/** The same server, another database. */
export const urlOf = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};

/** The role that the system connects as: it owns its databases and nothing else. */
export const OWNER = "ecs";

/**
 * Makes a database and its owner unless they are there.
 * @param url the server's, as its administrator; the owner gets the same password
 * @returns the URL of the database, as its owner
 */
export const ensureDatabase = async (url: string, database: string): Promise<string> => {
  const owned = new URL(urlOf(url, database));
  owned.username = OWNER;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const roles = await sql`select from pg_roles where rolname = ${OWNER}`;
    if (roles.length === 0) await sql.unsafe(`create role ${OWNER} login password '${owned.password}'`);
    const databases = await sql`select from pg_database where datname = ${database}`;
    if (databases.length === 0) await sql`create database ${sql(database)} owner ${sql(OWNER)}`;
  } finally {
    await sql.end();
  }
  return owned.href;
};

// No unix socket: its path has a short limit that a deep folder exceeds.
const settings = (options: PostgresOptions): string[] => [
  "listen_addresses=127.0.0.1",
  `port=${options.port}`,
  "unix_socket_directories=",
  `max_connections=${options.maxConnections ?? 200}`,
  // A transfer of a batch locks its key and its reference: a thousand of them on each connection of two replicas.
  "max_locks_per_transaction=256",
  `shared_buffers=${options.sharedBuffers ?? "256MB"}`,
  "password_encryption=scram-sha-256",
  "timezone=UTC",
  "log_timezone=UTC",
  "max_wal_size=2GB",
  "checkpoint_completion_target=0.9",
  "jit=off",
  ...(options.durable === false ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
];

const answers = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    await sql`select 1`;
  } finally {
    await sql.end({ timeout: 1 });
  }
};

// All of it when any is another's: a folder copied by root, or made before PostgreSQL's own account was there.
const giveTo = async (account: Account, folder: string): Promise<void> => {
  await chown(folder, account.uid, account.gid);
  const data = await stat(join(folder, "data")).catch(() => undefined);
  if (data && data.uid !== account.uid) await run("chown", ["-R", `${account.uid}:${account.gid}`, folder]);
};
