import { execFile } from "node:child_process";
import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres, { type Sql } from "postgres";
import { unprivilegedAccount } from "../../stack/process/account.ts";
import { preparePostgres, urlOf } from "../../stack/servers/postgres.ts";
import { findPostgresFolder } from "../../stack/servers/programs.ts";
import type { Server } from "../../stack/servers/server.ts";
import { startOnOwnPort } from "./own-port.ts";
import type { PostgresTuning, PrivatePostgres } from "./servers.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

export type Standby = Server & {
  /** Makes it the primary; resolves once it takes writes. */
  readonly promote: () => Promise<void>;
};

/**
 * A hot standby of a primary. From when this resolves the primary answers no commit before the standby has it on
 * disk, which is what a failover that loses nothing takes.
 * @param tuning as the primary was started with: a standby may not have fewer connections
 */
export const startSynchronousStandby = async (
  primary: PrivatePostgres,
  tuning: PostgresTuning,
): Promise<Standby> => {
  const server = await inTemporaryFolder("standby", async (folder) => {
    await copyCluster(primary.url, folder);
    return startOnOwnPort((port) => preparePostgres({ folder, port, password: "test", ...tuning }));
  });
  await asAdministrator(primary.url, async (sql) => {
    await sql`alter system set synchronous_standby_names = '*'`;
    await sql`select pg_reload_conf()`;
    await until(
      async () => {
        const [row] = await sql`select from pg_stat_replication where sync_state = 'sync'`;
        return row !== undefined;
      },
      { what: "a synchronous standby" },
    );
  });
  // The primary's password came over with its data.
  const ownUrl = new URL(primary.url);
  ownUrl.port = String(server.port);
  // Connected beforehand: when the primary is gone everybody dials at once, and on a busy machine for long.
  const administrator = postgres(urlOf(ownUrl.href, "postgres"), { max: 1, onnotice: () => {} });
  await administrator`select`;
  const promote = async (): Promise<void> => {
    await administrator`select pg_promote()`;
  };
  const dispose = async (): Promise<void> => {
    await administrator.end({ timeout: 1 });
    await server[Symbol.asyncDispose]();
  };
  return Object.create(server, {
    promote: { value: promote },
    [Symbol.asyncDispose]: { value: dispose },
  }) as Standby;
};

const copyCluster = async (primaryUrl: string, folder: string): Promise<void> => {
  const account = unprivilegedAccount();
  const home = join(folder, "copy");
  await mkdir(home, { mode: 0o700 });
  if (account) for (const made of [folder, home]) await chown(made, account.uid, account.gid);
  const data = join(folder, "data");
  const program = join(findPostgresFolder() ?? "", "pg_basebackup");
  const args = ["--pgdata", data, "--dbname", primaryUrl, "--checkpoint=fast", "--write-recovery-conf"];
  await run(program, args, {
    cwd: folder,
    // Looks for a password file and certificates at home.
    env: { PATH: process.env["PATH"], HOME: home, LC_ALL: "C" },
    ...(account && { uid: account.uid, gid: account.gid }),
  });
};

const asAdministrator = async (url: string, act: (sql: Sql) => Promise<void>): Promise<void> => {
  const sql = postgres(urlOf(url, "postgres"), { max: 1, onnotice: () => {} });
  try {
    await act(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
};
